"""The table: workload, size, our figure, its limit, the ratio, how it grows, statements, memory."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

# Units whose figures are small enough for decimals.
FINE = ("ms", "s", "%", "sMAPE")


@dataclass
class Figure:
    """A line of the table; `ratio` is above 1 when ours is better than the limit."""

    workload: str
    size: int
    ours: float
    unit: str
    limit: float | None = None
    ratio: float | None = None
    exponent: float | None = None
    statements: int | None = None
    peak_mb: float | None = None
    wanted: str = ""
    reached: bool | None = None


@dataclass
class Measured:
    """What `measuring` found out about its block."""

    seconds: float = 0.0
    statements: int = 0
    peak_mb: float = 0.0


class Report:
    """Collects figures, prints them as they come, and writes them to a file in the end."""

    def __init__(self, target: Path, say: Callable[[str], None] = print, *, most: int = 10**6) -> None:
        """Write to `target` in the end; `most` bounds the sizes, for a quick look."""
        self.target, self.most = target, most
        self.figures: list[Figure] = []
        self.say = say
        say(
            f"{'workload':52} {'size':>9} {'ours':>14} {'limit':>14} {'ratio':>6} {'grows':>6} {'stmts':>6}"
            f" {'MB':>6}  wanted"
        )

    def rate(
        self, workload: str, size: int, measured: Measured | float, *, limit_seconds: float | None = None,
        unit: str = "/s", at_least: float | None = None, at_least_ratio: float | None = None,
        within_s: float | None = None,
    ) -> Figure:  # fmt: skip
        """Add how many a second: `size` things in the measured time, beside the time of the limit."""
        found = measured if isinstance(measured, Measured) else Measured(measured)
        figure = Figure(
            workload, size, size / found.seconds, unit,
            limit=size / limit_seconds if limit_seconds else None,
            ratio=limit_seconds / found.seconds if limit_seconds else None,
            statements=found.statements or None, peak_mb=round(found.peak_mb, 1) or None,
        )  # fmt: skip
        smaller = [known for known in self.figures if known.workload == workload and known.size < size]
        if smaller:
            first = min(smaller, key=lambda known: known.size)
            figure.exponent = math.log(found.seconds / (first.size / first.ours)) / math.log(
                size / first.size
            )
        if at_least is not None:
            figure.wanted, figure.reached = f">= {at_least:,.0f} {unit}", figure.ours >= at_least
        elif at_least_ratio is not None and figure.ratio is not None:
            figure.wanted, figure.reached = f"ratio >= {at_least_ratio:.2f}", figure.ratio >= at_least_ratio
        elif within_s is not None:
            figure.wanted, figure.reached = f"<= {within_s:g} s", found.seconds <= within_s
        return self._add(figure)

    def sizes(self, *sizes: int) -> list[int]:
        """Return the sizes within the bound, the bound itself when there are none."""
        return [size for size in sizes if size <= self.most] or [self.most]

    def pace(self, workload: str, size: int, per_second: float, *, unit: str, at_least: float) -> Figure:
        """Add how many a second were served while there were `size` things."""
        return self._add(
            Figure(
                workload,
                size,
                per_second,
                unit,
                wanted=f">= {at_least:,.0f} {unit}",
                reached=per_second >= at_least,
            )
        )

    def duration(
        self, workload: str, size: int, milliseconds: float, *, limit_ms: float | None = None,
        at_most_ms: float | None = None, statements: int | None = None,
    ) -> Figure:  # fmt: skip
        """Add a time in milliseconds, beside the time of the limit."""
        figure = Figure(
            workload, size, milliseconds, "ms", limit=limit_ms,
            ratio=limit_ms / milliseconds if limit_ms else None, statements=statements,
        )  # fmt: skip
        smaller = [known for known in self.figures if known.workload == workload and known.size < size]
        if smaller:
            first = min(smaller, key=lambda known: known.size)
            figure.exponent = math.log(milliseconds / first.ours) / math.log(size / first.size)
        if at_most_ms is not None:
            figure.wanted, figure.reached = f"<= {at_most_ms:g} ms", milliseconds <= at_most_ms
        return self._add(figure)

    def at_most(
        self, workload: str, size: int, value: float, *, unit: str, wanted: float, beside: float | None = None
    ) -> Figure:
        """Add a value that is to stay within `wanted`, beside what the simplest way gives."""
        figure = Figure(
            workload, size, value, unit, limit=beside, ratio=beside / value if beside and value else None,
            wanted=f"<= {wanted:g} {unit}", reached=value <= wanted,
        )  # fmt: skip
        return self._add(figure)

    def note(self, text: str) -> None:
        """Print a line between the figures."""
        self.say(f"  {text}")

    def _add(self, figure: Figure) -> Figure:
        self.figures.append(figure)
        self.say(
            f"{figure.workload:52} {figure.size:>9,} {_shown(figure.ours, figure.unit):>14}"
            f" {_shown(figure.limit, figure.unit):>14} {_plain(figure.ratio, '.2f'):>6}"
            f" {_plain(figure.exponent, '.2f'):>6} {_plain(figure.statements, 'd'):>6}"
            f" {_plain(figure.peak_mb, '.0f'):>6}  {figure.wanted}"
            f"{'' if figure.reached is None else ' yes' if figure.reached else ' NO'}"
        )
        return figure

    def write(self) -> None:
        """Write all figures as JSON."""
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.target.write_text(json.dumps([asdict(figure) for figure in self.figures], indent=1) + "\n")


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:,.2f} {unit}" if unit in FINE else f"{value:,.0f} {unit}"


def _plain(value: Any, form: str) -> str:
    return "" if value is None else format(value, form)


def p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return quantiles(values, n=20, method="inclusive")[18]


@contextmanager
def measuring() -> Iterator[Measured]:
    """Measure time, statements of the default connection and peak memory above the start of the block."""
    from django.db import connection

    found = Measured()

    def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        found.statements += 1
        return execute(sql, params, many, context)

    before = _reset_peak()
    with connection.execute_wrapper(count):
        start = time.perf_counter()
        yield found
        found.seconds = time.perf_counter() - start
    found.peak_mb = max(0.0, _memory("VmHWM") - before)


def _reset_peak() -> float:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return _memory("VmHWM")
    return _memory("VmRSS")


def _memory(name: str) -> float:
    """Return a line of /proc/self/status in MB; 0 where there is none."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) / 1024
    except OSError:
        return 0.0
    return 0.0
