"""A truck is received: goods counted into stock line by line; beside COPY of the same ledger rows."""

from __future__ import annotations

from uuid import UUID

import psycopg

from b2b.contracts.orders import DespatchAdvised, DespatchedLine
from b2b.core.ids import uuid7
from benchmarks import limit, world
from benchmarks.report import Report
from warehousing.services import receipt

PRODUCTS = 2_000
SIZES = (1_000, 10_000)
LEDGER = "warehousing_stockledgerentry"
QUANTS = """
    INSERT INTO warehousing_quant AS quant
        (owner_id, product_id, lot_id, location_id, status, on_hand, reserved, since_at)
    SELECT owner_id, product_id, lot_id, location_id, status, sum(quantity), 0, min(effective_at)
    FROM warehousing_stockledgerentry WHERE document_id = %s AND quantity > 0
    GROUP BY owner_id, product_id, lot_id, location_id, status ORDER BY product_id, lot_id
    ON CONFLICT (product_id, location_id, lot_id, owner_id, handling_unit_id, status)
    DO UPDATE SET on_hand = quant.on_hand + excluded.on_hand
"""
LINES = (
    "UPDATE warehousing_receiptline SET accepted_quantity = expected_quantity, rejected_quantity = 0"
    " WHERE receipt_id = %s"
)


def run(report: Report) -> None:
    """Measure receipts as advised, a lot on every line."""
    made = world.build(products=min(PRODUCTS, report.most))
    _receive(_expected(made, 20))
    with limit.connect() as bare:
        for size in report.sizes(*SIZES):
            keys: list[UUID] = []

            def expect(size: int = size, keys: list[UUID] = keys) -> UUID:
                keys.append(_expected(made, size))
                return keys[-1]

            found = limit.middle(limit.repeats(size), _receive, expect)
            copied = limit.middle(
                limit.repeats(size),
                lambda given: _bare(bare, *given),
                lambda keys=keys: _as_rows(bare, keys[0]),
            )
            report.rate(
                "receive a despatch advice", size, found, unit="lines/s", limit_seconds=copied.seconds,
                **({"within_s": 1.0} if size == 10_000 else {}),
            )  # fmt: skip


def _expected(made: world.World, size: int) -> UUID:
    advice = DespatchAdvised(
        occurred_at=world.AT, despatch_advice_id=uuid7(), number="DA-1", purchase_order_id=uuid7(),
        purchase_order_number="PO-1", factory_id=made.maker.pk, warehouse_site_id=made.house.site_id,
        expected_at=world.AT,
        lines=tuple(
            DespatchedLine(
                purchase_order_line_id=n + 1, line_number=n + 1, quantity=10 + n % 90, lot_number=f"L{n % 50}",
                product_id=made.products[n % len(made.products)].pk,
            )
            for n in range(size)
        ),
    )  # fmt: skip
    return UUID(str(receipt.expect(advice, by=world.BY, at=world.AT).pk))


def _receive(key: UUID) -> None:
    receipt.receive(key, by=world.BY, at=world.AT)


def _as_rows(bare: psycopg.Connection, key: UUID) -> tuple[UUID, UUID, bytes]:
    twin = uuid7()
    rows = limit.unload(
        bare, LEDGER, where=f"document_id = '{key}'", document_id=f"'{twin}'::uuid",
        movement=f"md5(model.movement::text || '{twin}')::uuid",
    )  # fmt: skip
    return key, twin, rows


def _bare(bare: psycopg.Connection, key: UUID, twin: UUID, rows: bytes) -> None:
    with bare.transaction():
        limit.load(bare, LEDGER, rows)
        bare.execute(QUANTS, [twin])
        bare.execute(LINES, [key])
