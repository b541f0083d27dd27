"""Bank files of each format are read and imported; beside a bare lxml parse of the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

from lxml import etree

from b2b.market.bank import Movement
from b2b.market.bank import statement as camt053
from benchmarks import limit, world
from benchmarks.report import Report
from finance.policies import bank_file
from finance.services import bank_account, statement

SIZES = (1_000, 20_000)
ACCOUNT = "CN-BENCH-FILE"


def run(report: Report) -> None:
    """Measure megabytes a second: read only, and imported."""
    world.build(products=1)
    bank_account.open_account(identifier=ACCOUNT, currency="CNY", by=world.BY)
    for size in report.sizes(*SIZES):
        source = camt(size)
        megabytes = max(1, round(len(source) / 2**20))
        bare = limit.middle(3, lambda _, source=source: _parse(source))
        read = limit.middle(3, lambda _, source=source: _exhaust(bank_file.read(source)))
        taken = limit.middle(1, lambda _, source=source, size=size: _import(source, size))
        for name, found in (("read", read), ("import", taken)):
            report.rate(
                f"{name} camt.053, {size:,} entries",
                megabytes,
                found,
                unit="MB/s",
                limit_seconds=bare.seconds,
            )
        lines = mt940(size)
        told = limit.middle(1, lambda _, source=lines: _exhaust(bank_file.read(source)))
        report.rate(f"read MT940, {size:,} lines", size, told, unit="lines/s")


def camt(size: int) -> bytes:
    """Write a statement of `size` entries that all differ."""
    day = world.AT.date() - timedelta(days=30 + size % 28)
    movements = [
        Movement(
            day,
            Decimal(100 + n % 977),
            f"INV-OPS-{n:07} thank you",
            f"Payer {n}",
            f"CN-P-{n}",
            f"E2E-{n}",
            f"B{n}",
        )
        for n in range(size)
    ]
    return camt053(
        movements,
        account=ACCOUNT,
        currency="CNY",
        opening=Decimal(0),
        statement_id=f"S{size}",
        created_at=world.AT,
    )


def mt940(size: int) -> bytes:
    """Write the same as SWIFT would."""
    lines = "".join(
        f":61:2603020302C{100 + n % 977},00NTRFE2E-{n}//B{n}\n:86:INV-OPS-{n:07} thank you\n"
        for n in range(size)
    )
    total = sum(100 + n % 977 for n in range(size))
    return f":20:S{size}\n:25:{ACCOUNT}\n:28C:1/1\n:60F:C260301CNY0,\n{lines}:62F:C260302CNY{total},\n-\n".encode()


def _parse(source: bytes) -> None:
    for _, element in etree.iterparse(BytesIO(source), tag="{*}Ntry"):
        element.clear()


def _exhaust(told: Iterator[object]) -> None:
    if sum(1 for _ in told) < 2:
        raise RuntimeError("nothing was read")


def _import(source: bytes, size: int) -> None:
    [taken] = statement.import_file(source, by=world.BY, at=world.AT)
    if taken.new_lines != size:
        raise RuntimeError("not every line was taken")
