"""The exported ledger is proved by a program that shares nothing with this one."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from b2b.core.actor import acting_as
from b2b.market import play
from finance.policies.entry import Line
from finance.services import chain
from tests.factories.directory import organization
from tests.factories.finance import NOON, PLATFORM
from tests.finance.ledger.book import RECEIVABLES, REVENUE, SUSPENSE, accounts, entry, limited, post

CHECK = Path(sys.executable).with_name("bean-check")


def export(form: str, **options: object) -> str:
    """Return what the command prints."""
    said = StringIO()
    call_command("export_ledger", format=form, stdout=said, **options)
    return said.getvalue()


def bean_check(text: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Let beancount read a file and check every transaction and balance in it."""
    file = tmp_path / "ledger.beancount"
    file.write_text(text, encoding="utf-8")
    return subprocess.run([CHECK, "--no-cache", file], capture_output=True, text=True, check=False)


@pytest.fixture
def book(committed_db):
    with acting_as(PLATFORM):
        keys = accounts(RECEIVABLES, REVENUE, SUSPENSE)
        dollars, yen = limited(1, unit="USD"), limited(2, unit="JPY")
        other_dollars, other_yen = limited(3, unit="USD"), limited(4, unit="JPY")
        post(entry(keys, 12_345, description='the "first"; 第一 | \\ of\nall'))
        chain.seal_all(at=NOON)
        both = (Line(dollars, 5), Line(other_dollars, -5), Line(yen, 7), Line(other_yen, -7))
        post(entry(keys, 1), entry(keys, 99, is_pending=True), entry(keys, lines=both))
        yield keys


def test_bean_check_passes_on_entries_of_several_units_sealed_or_not(book, tmp_path):
    text = export("beancount")
    result = bean_check(text, tmp_path)
    assert result.returncode == 0, result.stderr
    assert "123.45 CNY" in text
    assert "0.05 USD" in text
    assert "7 JPY" in text
    assert text.count(" * ") == 3, "pending entries are not posted"


def test_bean_check_finds_a_cent_that_is_missing_and_a_balance_that_is_wrong(book, tmp_path):
    text = export("beancount")
    assert bean_check(text.replace("  123.45 CNY", "  123.44 CNY"), tmp_path).returncode != 0
    assert bean_check(text.replace("123.46 ~ 0 CNY", "123.45 ~ 0 CNY"), tmp_path).returncode != 0


def test_hledger_gets_accounts_commodities_and_asserted_balances(book):
    lines = export("hledger").splitlines()
    assert {"commodity 1000.00 CNY", "commodity 1000. JPY", "account Assets:A-1100"} <= set(lines)
    assert "    Assets:A-1100  0.00 CNY = 123.46 CNY" in lines
    assert any(line.endswith('test | the "first", 第一 / \\ of all') for line in lines)


def test_the_export_ends_where_it_is_told_to_and_names_its_book(book):
    post(entry(book, 5, effective_date=date(2027, 1, 1)))
    assert "2027-01-01" not in export("beancount", until=date(2026, 12, 31))
    assert export("beancount", book="CREDIT") == ""
    with pytest.raises(CommandError):
        export("beancount", book="NONE")


def test_parties_of_any_code_are_named_apart(committed_db, tmp_path):
    with acting_as(PLATFORM):
        [revenue] = accounts(REVENUE)
        from b2b.db.transactions import unit_of_work
        from finance.services import chart
        from finance.services.chart import Wanted

        parties = [organization(code=code) for code in ("a_b", "a-b", "9")]
        with unit_of_work():
            found = list(chart.accounts([Wanted(RECEIVABLES, "CNY", one.pk) for one in parties]).values())
        post(*[entry([key, revenue], 10 + key) for key in found])
    assert bean_check(export("beancount"), tmp_path).returncode == 0


@pytest.mark.parametrize(
    "days",
    [
        pytest.param(4, id="quick"),
        pytest.param(30, marks=[pytest.mark.soak, pytest.mark.timeout(1_800)], id="month"),
    ],
)
def test_bean_check_passes_on_the_ledger_of_a_market(committed_db, tmp_path, days):
    play.market(days=days, dealers=3 if days < 30 else 8, seed=7, first_day=date(2026, 3, 2))
    for book in ("MAIN", "CREDIT"):
        text = export("beancount", book=book)
        assert days < 30 or text.count(" * ") > 100
        result = bean_check(text, tmp_path)
        assert result.returncode == 0, result.stderr
