"""django-hordak itself beside our ledger: its own package, environment and database, on the same server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Final

from django.db import connections

from b2b.embedded.postgres import ADMINISTRATOR
from benchmarks import limit
from benchmarks.report import Report

ROOT: Final = Path(__file__).resolve().parent.parent
PYTHON: Final = ROOT / "var" / "peers" / "hordak" / "bin" / "python"
DATABASE: Final = "peer_hordak"
SHAPES: Final = (
    ("one a commit, 1,000 accounts", 1_000, 1, 800),
    ("100 a commit, 1,000 accounts", 1_000, 100, 3_200),
)


def measure(report: Report) -> None:
    """Post transfers by `Account.transfer_to` from as many threads, each commit durable; say why when it is not there.

    Each transfer is a transaction of two legs; its triggers check at commit that they sum to zero.
    """
    if not PYTHON.exists():
        report.note(
            f"django-hordak is left out: {PYTHON.relative_to(ROOT)} is missing, `make bench-peers` installs it"
        )
        return
    place = connections.settings["default"]
    with limit.connect() as bare:
        bare.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
        bare.execute(f'CREATE DATABASE "{DATABASE}"')
    shapes = [
        (name, accounts, batch, max(8 * batch, min(size, report.most)))
        for name, accounts, batch, size in SHAPES
    ]
    run = subprocess.run(
        [PYTHON, ROOT / "benchmarks" / "peer" / "hordak_ledger.py", place["HOST"], str(place["PORT"] or 5432),
         ADMINISTRATOR, DATABASE, json.dumps(shapes)],
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    with limit.connect() as bare:
        bare.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
    if run.returncode:
        report.note(f"django-hordak failed: {run.stderr.strip().splitlines()[-1]}")
        return
    for name, per_second in json.loads(run.stdout).items():
        size = next(size for shape, _, _, size in shapes if shape == name)
        report.rate(f"django-hordak: {name}", size, size / per_second, unit="entries/s")
