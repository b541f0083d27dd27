"""A dealer's file becomes a confirmed order: read, judged, priced, credit held, written; beside two limits.

Ours writes each line, the order, its history, the credit and the event. The limits write the
lines alone: COPY into a twin of their table (the same columns, checks, keys and indexes, no trigger), which row
security refuses to everybody but the administrator; and the way it leaves open, COPY into a temporary table and
INSERT ... SELECT into the table itself, triggers and all.
"""

from __future__ import annotations

import io
import os
import time

import psycopg
from openpyxl import Workbook

from b2b.core.actor import acting_as
from b2b.directory.services import api_key
from benchmarks import limit, web, world
from benchmarks.report import Report
from orders.services import bulk_order, upload

PRODUCTS = 2_000
SIZES = (1_000, 10_000, 100_000)
POST_SIZES = (10_000, 100_000)
TABLE = "orders_orderline"
HEADING = ("sku", "quantity", "unit", "need_by_date")


def run(report: Report) -> None:
    """Measure the service from CSV and XLSX, then the API from XLSX."""
    made = world.build(products=min(PRODUCTS, report.most))
    world.cycle(made)
    with limit.connect() as bare:
        _submit(made, csv_file(made, 20))
        for size in report.sizes(*SIZES):
            _measure(report, bare, made, "bulk order from CSV", size, csv_file(made, size))
        for size in report.sizes(*SIZES):
            _measure(report, bare, made, "bulk order from XLSX", size, xlsx_file(made, size))
    for size in report.sizes(*POST_SIZES):
        post(report, made, size)


def _rows(made: world.World, size: int) -> list[tuple[str, int, str, str]]:
    return [(made.sku(n), 1 + n % 40, "EA", "2099-12-31") for n in range(size)]


def csv_file(made: world.World, size: int) -> bytes:
    """Return an order of so many lines as CSV."""
    lines = [HEADING, *_rows(made, size)]
    return "\n".join(",".join(map(str, line)) for line in lines).encode()


def xlsx_file(made: world.World, size: int) -> bytes:
    """Return an order of so many lines as a workbook."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in (HEADING, *_rows(made, size)):
        sheet.append(line)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _submit(made: world.World, content: bytes) -> object:
    who = made.dealer_actor()
    with acting_as(who):
        rows = upload.read(content)
        placed = bulk_order.submit(rows, dealer=made.dealers[0], ship_to=made.shops[0], by=who, at=world.AT)
    return placed.order.pk


def _measure(
    report: Report, bare: psycopg.Connection, made: world.World, name: str, size: int, content: bytes
) -> None:
    placed: list[object] = []
    found = limit.middle(limit.repeats(size), lambda _: placed.append(_submit(made, content)))
    bound = limit.twin(bare, TABLE)
    copied = limit.middle(
        limit.repeats(size),
        lambda rows: limit.load(bare, bound, rows),
        lambda: _lines_for_another_order(bare, placed[0]),
    )
    report.rate(name, size, found, limit_seconds=copied.seconds, unit="lines/s", at_least_ratio=0.5)
    inserted = limit.middle(
        limit.repeats(size),
        lambda rows: limit.load_by_insert(bare, TABLE, rows),
        lambda: _lines_for_another_order(bare, placed[0]),
    )
    report.rate(f"{name}, beside INSERT", size, found, limit_seconds=inserted.seconds, unit="lines/s")


def _lines_for_another_order(bare: psycopg.Connection, order_id: object) -> bytes:
    key = f"'{order_id}'::uuid"
    [new] = bare.execute("SELECT gen_random_uuid()").fetchone() or [None]
    limit.clone(
        bare,
        "orders_order",
        where=f"id = {key}",
        count=1,
        id=f"'{new}'::uuid",
        number=f"'COPY-{str(new)[:20]}'",
    )
    return limit.unload(bare, TABLE, where=f"order_id = {key}", order_id=f"'{new}'::uuid")


def post(report: Report, made: world.World, size: int) -> None:
    """Measure the way through the API: a workbook posted to the web server, until its answer is read."""
    _, token = api_key.issue(
        made.dealers[1], name="benchmark", scopes=["orders:write"], by=world.BY, at=world.AT, lifetime_days=2
    )
    spent = []
    with web.serving() as port:
        for number, lines in enumerate((100, 100, size, size, size)):
            content = xlsx_file(made, lines)
            start = time.perf_counter()
            web.upload(
                port, "/api/v1/orders/bulk/?mode=submit&ship_to=" + made.shops[1].code, content, token,
                idempotency_key=f"{os.getpid()}-{size}-{number}",
            )  # fmt: skip
            spent.append(time.perf_counter() - start)
    report.rate(
        "XLSX posted to the API until answered", size, sorted(spent[2:])[1], unit="lines/s", at_least=10_000
    )
