"""Forecasts: how far off on public series beside naive and Theta, how fast, and what a 90 % interval covers."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.public_series import FILE, Group, m3
from benchmarks.report import Measured, Report
from orders.policies.forecasting import engine, seasonality, theta
from orders.policies.forecasting.accuracy import smape
from orders.policies.forecasting.panel import mean_of_known, phases

ROOT = Path(__file__).resolve().parent.parent
PRODUCTS = 10_000


def run(report: Report) -> None:
    """Measure accuracy on M3 where it is there, then speed, memory and coverage on demand of our own."""
    if FILE.exists():
        _accuracy(report)
    else:
        report.note(
            f"M3 is skipped: {FILE} is not there (SAMPLES_DIR names the folder); made-up series follow"
        )
    for size in report.sizes(PRODUCTS):
        _speed(report, max(size, 200))


def naive(group: Group) -> Any:
    """Return last season's values again, the last value where there is no season."""
    steps = np.arange(group.horizon) % group.period
    return group.known[:, group.known.shape[1] - group.period + steps]


def only_theta(group: Group) -> Any:
    """Return the Theta method alone after the same test for a season."""
    scale = mean_of_known(np.abs(group.known))[:, None]
    factors = seasonality.own(group.known, group.period)
    plain = group.known / scale / factors[:, phases(group.known.shape[1], group.period)]
    fitted = theta.fit(plain)
    steps = np.stack([fitted.ahead(step)[:, -1] for step in range(1, group.horizon + 1)], axis=1)
    return np.maximum(steps, 0) * scale * factors[:, np.arange(group.horizon) % group.period]


def ours(group: Group) -> Any:
    """Return what the engine forecasts."""
    return engine.forecast(group.known, period=group.period, horizon=group.horizon, lead=group.horizon).mean


def errors(groups: list[Group], method: Callable[[Group], Any]) -> tuple[float, float]:
    """Return sMAPE over all values, and over the first of each series."""
    found = [smape(method(group), group.actual) for group in groups]
    return float(np.concatenate([one.ravel() for one in found]).mean()), float(
        np.concatenate([one[:, 0] for one in found]).mean()
    )


def _accuracy(report: Report) -> None:
    groups = m3()
    series = sum(len(group.known) for group in groups)
    plain, line = errors(groups, naive), errors(groups, only_theta)
    start, cpu = time.perf_counter(), time.process_time()
    found = errors(groups, ours)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    report.note(f"naive {plain[0]:.2f} and {plain[1]:.2f}; Theta alone {line[0]:.2f} and {line[1]:.2f}")
    report.at_most("M3, all values", series, found[0], unit="sMAPE", wanted=12.80, beside=line[0])
    report.at_most("M3, one step", series, found[1], unit="sMAPE", wanted=8.50, beside=line[1])
    report.note(f"CPU {cpu:.2f} s")
    report.rate("forecast M3", series, Measured(seconds), unit="series/s", within_s=5)


def _speed(report: Report, products: int) -> None:
    """Forecast in a process of its own, whose memory and start are nobody else's."""
    command = [sys.executable, "-m", "benchmarks.forecast_alone", str(products)]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout)
    report.note(f"CPU {told['cpu']:.2f} s")
    measured = Measured(told["seconds"], peak_mb=told["peak_mb"])
    report.rate("forecast 104 weeks of products", products, measured, unit="products/s", within_s=2)
    report.at_most("memory of the whole process", products, told["peak_mb"], unit="MB", wanted=150)
    report.at_most("missed over the lead time, beside naive", products, told["missed"], unit="%",
        wanted=told["naive"], beside=told["naive"])  # fmt: skip
    report.at_most("90 % interval: away from 90 %", products, abs(told["covered"] - 90), unit="%", wanted=5)
    report.at_most("import of the engine", 1, told["import"], unit="s", wanted=0.5)
