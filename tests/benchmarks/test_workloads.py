"""Every workload runs at a tiny size and shows its figure beside its limit; how fast is not asked here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest

from b2b.core.actor import acting_as, system
from benchmarks import __main__ as program
from benchmarks import forecast, ledger_hordak, reads, web
from benchmarks.report import Report

TINY = 25
WITH_LIMIT = ("close_cycle", "price", "receive", "reconcile", "reserve", "respond", "wave")


@pytest.fixture
def served(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the web workloads ask the test's own server."""

    @contextmanager
    def serving() -> Iterator[int]:
        yield int(server.rpartition(":")[2])

    monkeypatch.setattr(web, "serving", serving)
    monkeypatch.setattr(reads, "SECONDS", 0.2)


def run(name: str, target: Path) -> tuple[Report, str]:
    """Run one workload at a tiny size; return its report and what it printed."""
    shown: list[str] = []
    report = Report(target, shown.append, most=TINY)
    with acting_as(system("benchmark")):
        import_module(f"benchmarks.{name}").run(report)
    report.write()
    return report, "\n".join(shown)


@pytest.mark.parametrize("name", WITH_LIMIT)
def test_each_figure_stands_beside_its_limit(committed_db: str, name: str, tmp_path: Path) -> None:
    report, shown = run(name, tmp_path / "bench.json")
    assert report.figures
    for figure in report.figures:
        assert figure.ours > 0
        assert figure.limit is not None
        assert figure.ratio == pytest.approx(figure.ours / figure.limit)
        assert figure.statements
        assert figure.workload in shown
        assert f"{figure.ratio:.2f}" in shown
    written = json.loads((tmp_path / "bench.json").read_text())
    assert [one["workload"] for one in written] == [figure.workload for figure in report.figures]


def test_the_ledger_is_measured_beside_other_ways_and_asked_for_any_day(
    committed_db: str, tmp_path: Path
) -> None:
    report, shown = run("ledger", tmp_path / "bench.json")
    for way in ("pgledger", "transfers", "legs checked one by one", "bare", "finance_post", "ledger.post"):
        assert sum(figure.workload.startswith(f"{way}:") for figure in report.figures) == 4
    assert "trial balance" in shown
    assert all(figure.ours > 0 for figure in report.figures)


def test_a_peer_that_is_not_installed_is_left_out_and_the_reason_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(ledger_hordak, "PYTHON", ledger_hordak.ROOT / "var" / "nobody" / "python")
    report = Report(tmp_path / "bench.json", shown.append, most=TINY)
    ledger_hordak.measure(report)
    assert not report.figures
    assert "var/nobody/python is missing" in shown[-1]


def test_lots_are_traced_beside_bare_statements(committed_db: str, tmp_path: Path) -> None:
    report, _ = run("trace", tmp_path / "bench.json")
    assert [figure.workload for figure in report.figures] == [
        "trace a lot",
        "trace a unit",
        "rehearse a recall",
    ]
    assert all(figure.limit and figure.statements for figure in report.figures)


def test_files_are_ordered_through_the_service_and_the_api(served: None, tmp_path: Path) -> None:
    report, _ = run("bulk_order", tmp_path / "bench.json")
    by_name = {figure.workload: figure for figure in report.figures}
    assert by_name["bulk order from CSV"].ratio
    assert by_name["bulk order from XLSX"].ratio
    assert by_name["XLSX posted to the API until answered"].wanted


def test_lists_are_read_through_the_server(served: None, tmp_path: Path) -> None:
    report, shown = run("reads", tmp_path / "bench.json")
    assert [figure.unit for figure in report.figures] == ["requests/s", "ms"] * 2 + ["ms"] * 2
    assert "p95" in shown


def test_forecasts_are_measured_with_or_without_the_public_series(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(forecast, "FILE", tmp_path / "m3.csv")
    report, shown = run("forecast", tmp_path / "bench.json")
    assert "M3 is skipped" in shown
    by_name = {figure.workload: figure for figure in report.figures}
    assert by_name["missed over the lead time, beside naive"].reached
    assert by_name["memory of the whole process"].ours > 10


def test_everything_that_can_be_asked_for_is_there() -> None:
    known = program.modules()
    assert {*WITH_LIMIT, "bulk_order", "reads", "outbox", "forecast"} <= set(known)
