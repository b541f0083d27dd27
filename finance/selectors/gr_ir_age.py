"""What was received and not invoiced, by purchase line: how much, since when, why, and whose turn it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.db.bulk import fetch
from finance.policies import gr_ir_age
from finance.policies.gr_ir_age import Standing, band, explain
from finance.selectors import clearing
from finance.selectors.invariants import DECIMALS

COLUMNS: Final = (
    "purchase_order", "line", "factory", "sku", "currency", "accepted", "billed", "open_amount", "since", "age_days",
    "band", "code", "reason", "owner",
)  # fmt: skip

# Goods are billed in the order they came: a line is as old as its first goods that no bill has cleared. The bill that
# waits longest speaks for a line.
LINES: Final = f"""
    WITH accrued AS (
        SELECT terms_id, sum(quantity)::bigint AS quantity, sum(amount) AS amount
        FROM finance_goodsaccrual GROUP BY 1
    ), cleared AS (
        SELECT terms_id, sum(quantity)::bigint AS quantity, sum(cleared)::bigint AS cleared
        FROM {clearing.CLEARED} cleared GROUP BY 1
    ), standing AS (
        SELECT terms.*, coalesce(accrued.quantity, 0) AS accepted, coalesce(cleared.quantity, 0) AS billed,
            coalesce(accrued.amount, 0) AS accrued, coalesce(cleared.cleared, 0) AS cleared
        FROM finance_purchaseterms terms
        LEFT JOIN accrued ON accrued.terms_id = terms.purchase_order_line_id
        LEFT JOIN cleared ON cleared.terms_id = terms.purchase_order_line_id
        WHERE accrued.terms_id IS NOT NULL OR cleared.terms_id IS NOT NULL
    )
    SELECT standing.purchase_order_number, standing.line_number, factory.code, factory.name, product.sku,
        standing.currency, standing.accepted, standing.billed, standing.accrued, standing.cleared,
        (SELECT min(came.effective_at) FROM (
            SELECT movement.effective_at, sum(accrual.quantity) OVER (ORDER BY movement.position) AS until
            FROM finance_goodsaccrual accrual JOIN finance_stockmovement movement ON movement.id = accrual.movement_id
            WHERE accrual.terms_id = standing.purchase_order_line_id) came WHERE came.until > standing.billed),
        (SELECT max(movement.effective_at) FROM finance_goodsaccrual accrual
            JOIN finance_stockmovement movement ON movement.id = accrual.movement_id
            WHERE accrual.terms_id = standing.purchase_order_line_id),
        waiting.number, waiting.verdict, waiting.owner
    FROM standing
    JOIN directory_organization factory ON factory.id = standing.factory_id
    JOIN catalog_product product ON product.id = standing.product_id
    LEFT JOIN LATERAL (
        SELECT bill.number, bill.verdict, owner.username AS owner FROM finance_supplierinvoiceline line
        JOIN finance_supplierinvoice bill ON bill.id = line.invoice_id AND bill.status IN ('RECEIVED', 'HELD')
        LEFT JOIN finance_case matter ON matter.key = 'supplier_invoice:' || bill.id AND matter.status = 'OPEN'
        LEFT JOIN directory_user owner ON owner.id = matter.owner_id
        WHERE line.terms_id = standing.purchase_order_line_id ORDER BY bill.created_at LIMIT 1) waiting ON true
    WHERE standing.accrued * power(10::numeric, {DECIMALS.replace("invoice.", "standing.")}) <> standing.cleared
    ORDER BY standing.purchase_order_number, standing.line_number
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A purchase line whose goods are not cleared; `open_amount` is below zero when more was cleared than came."""

    purchase_order: str
    line: int
    factory: str
    factory_name: str
    sku: str
    currency: str
    accepted: int
    billed: int
    open_amount: Decimal
    since: date | None
    age_days: int
    code: str
    reason: str
    owner: str

    @property
    def band(self) -> str:
        """The band of age it falls into."""
        return band(self.age_days)


def lines(actor: Actor, on: date, *, factory: str = "") -> list[Line]:
    """Return the purchase lines that are not cleared, the oldest first; one statement, the operator's alone."""
    if not actor.sees_all:
        return []
    found = [_line(on, *row) for row in fetch(LINES) if not factory or row[2] == factory]
    return sorted(found, key=lambda one: (-one.age_days, one.purchase_order, one.line))


def _line(on: date, *row: Any) -> Line:
    order, number, factory, name, sku, currency, accepted, billed, accrued, cleared, unbilled, last, *bill = (
        row
    )
    minor = Money(accrued, currency).minor - cleared
    waiting, verdict, owner = (text or "" for text in bill)
    said = explain(Standing(accepted, billed, minor, waiting, verdict, owner))
    came = unbilled or last
    since = timezone.localtime(came).date() if came else None
    age = max(0, (on - since).days) if since else 0
    amount = Money.from_minor(minor, currency).amount
    return Line(
        order, number, factory, name, sku, currency, accepted, billed, amount, since, age, said.code,
        said.reason, said.owner,
    )  # fmt: skip


@dataclass(slots=True)
class Sum:
    """What the lines of one factory and currency come to in one band of age."""

    factory: str
    currency: str
    band: str
    count: int = 0
    amount: Decimal = Decimal(0)


def by_age(found: Sequence[Line]) -> list[Sum]:
    """Return the sums by factory, currency and band."""
    sums: dict[tuple[str, str, str], Sum] = {}
    for one in found:
        total = sums.setdefault(
            (one.factory, one.currency, one.band), Sum(one.factory, one.currency, one.band)
        )
        total.count += 1
        total.amount += one.open_amount
    places = {name: place for place, (_, name) in enumerate((*gr_ir_age.BANDS, (0, gr_ir_age.OLDER)))}
    return sorted(sums.values(), key=lambda one: (one.factory, one.currency, places[one.band]))


def rows(found: Sequence[Line]) -> list[list[object]]:
    """Return the lines as rows of a table, in the order of `COLUMNS`."""
    return [[getattr(one, name) for name in COLUMNS] for one in found]
