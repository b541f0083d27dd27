"""Movements of stock are valued and booked; beside COPY of the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import count

import psycopg

from b2b.contracts.order_changes import PurchaseOrderChanged
from b2b.contracts.orders import PurchaseLine, PurchaseOrderPlaced
from b2b.contracts.warehousing import MovedStock, StockMoved
from b2b.core.ids import uuid7
from benchmarks import limit, world
from benchmarks.report import Report
from finance.services import stock_facts, terms

PRODUCTS = 1_000
SIZES = (1_000, 10_000)
TABLES = ("finance_stockmovement", "finance_stockvalueentry", "finance_journalline")
PRICE = Decimal("3.3333")
_positions = count(1)
_copies = count(1)


def run(report: Report) -> None:
    """Measure movements over many products, half of them receipts, then a price that reaches far back on one."""
    made = world.build(products=min(PRODUCTS, report.most))
    _tell(_moved(made, 20, 20))
    with limit.connect() as bare:
        for size in report.sizes(*SIZES):
            goods = min(PRODUCTS, size // 2)
            found = limit.middle(
                limit.repeats(size), _tell, lambda size=size, goods=goods: _moved(made, size, goods)
            )
            copied = limit.middle(
                limit.repeats(size), lambda given: _copy(bare, given), lambda size=size: _as_rows(bare, size)
            )
            report.rate(
                "value movements of stock", size, found, unit="movements/s", limit_seconds=copied.seconds,
                **({"within_s": 5.0} if size == 10_000 else {}),
            )  # fmt: skip
        for size in report.sizes(*SIZES):
            placed = _placed(made, 1)
            _tell(_moved(made, size, 1, placed=placed))
            versions = count(1)
            changed = limit.middle(3, lambda _, p=placed, v=versions: _reprice(p, next(v)))
            report.duration(
                "change a price with as many movements after it", size, 1_000 * changed.seconds,
                statements=changed.statements, at_most_ms=5_000,
            )  # fmt: skip


def _line(key: int, product_id: int, price: Decimal) -> PurchaseLine:
    return PurchaseLine(
        line_id=key, line_number=1, product_id=product_id, quantity=10**9, unit_price=price,
        requested_date=world.AT.date(),
    )  # fmt: skip


def _placed(made: world.World, goods: int) -> PurchaseOrderPlaced:
    """Place a purchase order of that many products."""
    placed = PurchaseOrderPlaced(
        purchase_order_id=uuid7(), number="PO-1", factory_id=made.maker.pk, occurred_at=world.AT,
        warehouse_site_id=made.house.site_id, currency="CNY",
        lines=tuple(_line(next(_positions), one.pk, PRICE) for one in made.products[:goods]),
    )  # fmt: skip
    _keep(placed)
    return placed


def _keep(event: PurchaseOrderPlaced | PurchaseOrderChanged) -> None:
    terms.record_purchase(
        purchase_order_id=event.purchase_order_id, number=event.number, factory_id=event.factory_id,
        currency=event.currency, lines=event.lines, version=getattr(event, "version", 0), by=world.BY, at=world.AT,
    )  # fmt: skip


def _reprice(placed: PurchaseOrderPlaced, version: int) -> None:
    [line] = placed.lines
    _keep(
        PurchaseOrderChanged(
            purchase_order_id=placed.purchase_order_id, number=placed.number, version=version,
            factory_id=placed.factory_id, currency="CNY", reason="price", occurred_at=world.AT,
            lines=(_line(line.line_id, line.product_id, PRICE + version),),
        )
    )  # fmt: skip


def _moved(
    made: world.World, size: int, goods: int, *, placed: PurchaseOrderPlaced | None = None
) -> StockMoved:
    """Tell of movements, a receipt and an issue of a part of it in turn."""
    placed = placed or _placed(made, goods)
    return StockMoved(
        occurred_at=world.AT, recorded_at=world.AT, document_type="benchmark", document_id=uuid7(),
        lines=tuple(_movements(made, placed, size)),
    )  # fmt: skip


def _movements(made: world.World, placed: PurchaseOrderPlaced, size: int) -> Iterator[MovedStock]:
    document = uuid7()
    for n in range(size):
        line = placed.lines[n // 2 % len(placed.lines)]
        is_receipt = n % 2 == 0
        yield MovedStock(
            movement=uuid7(), position=next(_positions), product_id=line.product_id,
            warehouse_site_id=made.house.site_id, quantity=10 if is_receipt else -7,
            kind="RECEIPT" if is_receipt else "ISSUE", document_id=document,
            purchase_order_line_id=line.line_id if is_receipt else None,
        )  # fmt: skip


def _tell(moved: StockMoved) -> None:
    stock_facts.record(moved, by=world.BY, at=world.AT)


def _as_rows(bare: psycopg.Connection, size: int) -> list[tuple[str, bytes]]:
    """Return as many rows of each table as the movements wrote, under new keys."""
    found = []
    for table in TABLES:
        given = {"movement": "gen_random_uuid()"} if table == "finance_stockmovement" else {}
        if table == "finance_journalline":
            given = {"line_number": f"{next(_copies)} * 1000000 + row_number() OVER ()"}
        found.append(
            (table, limit.unload(bare, table, where=f"id > (SELECT max(id) - {size} FROM {table})", **given))
        )
    return found


def _copy(bare: psycopg.Connection, rows: list[tuple[str, bytes]]) -> None:
    with limit.trusted(bare):
        for table, lines in rows:
            limit.load(bare, table, lines)
