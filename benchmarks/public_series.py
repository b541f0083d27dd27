"""The M3 competition's 3,003 series (Makridakis and Hibon, 2000), where its file lies beside the project."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from orders.policies.forecasting.panel import stacked

FILE = Path(os.environ.get("SAMPLES_DIR", Path(__file__).parents[2] / "shared" / "samples")) / "demand/m3.csv"
# Numbers in the file up to: (name, season, how many of the last values are to be forecast).
KINDS = ((645, "yearly", 1, 6), (1401, "quarterly", 4, 8), (2829, "monthly", 12, 18), (3003, "other", 1, 8))


@dataclass(frozen=True)
class Group:
    """The series of one frequency."""

    name: str
    period: int
    horizon: int
    known: Any  # a panel
    actual: Any  # rows x horizon


def m3() -> list[Group]:
    """Read the series by frequency.

    :raises FileNotFoundError: when the file is not there.
    """
    found: dict[str, list[list[float]]] = {name: [] for _, name, _, _ in KINDS}
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            if row and row[0].startswith("N") and row[0][1:].strip().isdigit():
                number = int(row[0][1:])
                name = next(name for last, name, _, _ in KINDS if number <= last)
                found[name].append([float(value) for value in row[6 : 6 + int(row[1])]])
    return [
        Group(
            name,
            period,
            horizon,
            stacked([series[:-horizon] for series in found[name]]),
            np.array([series[-horizon:] for series in found[name]]),
        )
        for _, name, period, horizon in KINDS
    ]
