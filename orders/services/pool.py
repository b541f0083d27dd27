"""Sum up what stock does not cover, and choose what to buy on the sum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from b2b.contracts.warehousing import DemandLine
from b2b.db.bulk import fetch_dicts
from b2b.db.locks import lock
from orders import ports
from orders.models import Order, OrderCycle
from orders.policies import pooling
from orders.policies.pooling import Purchase
from orders.selectors import terms
from orders.services import quantity

# Lines that joined this cycle, and confirmed lines before its cut-off that no open cycle waits for.
_WAITING: Final = """
    FROM orders_orderline line
    JOIN orders_order parent ON parent.id = line.order_id
    JOIN directory_site site ON site.id = line.ship_to_site_id
    LEFT JOIN orders_ordercycle joined ON joined.id = line.cycle_id
    WHERE line.factory_id = %(factory)s AND parent.status = 'CONFIRMED' AND parent.currency = %(currency)s
        AND line.requested > line.cancelled + line.covered + line.pooled
        AND (line.cycle_id = %(cycle)s OR (
            (line.cycle_id IS NULL OR joined.status NOT IN ('DRAFT', 'OPEN', 'BOXFILL'))
            AND %(region)s IN ('', site.region) AND parent.confirmed_at < %(cutoff)s))
"""


@dataclass(frozen=True, slots=True)
class PooledLine:
    """An order line and how much of it is bought; prices as they stand before pooling."""

    line_id: int
    order_id: UUID
    dealer_id: int
    product_id: int
    quantity: int
    pooled_quantity: int
    unit_price: Decimal
    solo_unit_price: Decimal
    tax_rate: Decimal


@dataclass(frozen=True, slots=True)
class Demand:
    """What a cycle buys: per product the purchase, per order line its part; orders are locked."""

    purchases: dict[int, Purchase]
    lead_time_days: dict[int, int]
    lines: tuple[PooledLine, ...]
    orders: tuple[Order, ...]


def collect(cycle: OrderCycle, *, at: datetime) -> Demand:
    """Lock the orders that wait for a frozen cycle, let stock cover what it can, and pool the rest.

    Moves the buckets `covered` and `pooled`. A constant number of statements.
    """
    key = {
        "factory": cycle.factory_id,
        "currency": cycle.currency,
        "cycle": cycle.pk,
        "region": cycle.region,
        "cutoff": cycle.cutoff_at,
    }
    waiting = fetch_dicts(f"SELECT DISTINCT line.order_id {_WAITING}", key)
    orders = lock(Order.objects.filter(pk__in=[row["order_id"] for row in waiting]))
    rows = fetch_dicts(
        f"""
        SELECT line.id, line.order_id, parent.version, line.dealer_id, line.product_id, line.quantity, line.covered,
            line.requested - line.cancelled AS owed, line.requested - line.cancelled - line.pooled AS wanted,
            line.unit_price, line.solo_unit_price,
            line.tax_rate, line.ship_to_site_id, line.need_by_date
        {_WAITING} AND line.order_id = ANY(%(orders)s) ORDER BY line.id FOR NO KEY UPDATE OF line
        """,
        {**key, "orders": [order.pk for order in orders]},
    )
    covered = _cover(rows, cycle, at)
    lines = [
        _line(row, row["wanted"] - covered[row["id"]]) for row in rows if row["wanted"] > covered[row["id"]]
    ]
    purchases, lead_times = _plan(lines, cycle, at)
    pooled = tuple(line for line in lines if line.product_id in purchases)
    quantity.advance(
        ((line.line_id, "pooled", line.pooled_quantity) for line in pooled), source=f"cycle:{cycle.pk}", at=at
    )
    touched = {line.order_id for line in pooled}
    return Demand(purchases, lead_times, pooled, tuple(order for order in orders if order.pk in touched))


def _cover(rows: list[dict[str, Any]], cycle: OrderCycle, at: datetime) -> dict[int, int]:
    """Ask for stock and return how much of each line is covered now, in all.

    The question names all that is owed on a line, so that stock never takes the part of a line for the whole.
    """
    if not rows:
        return {}
    answers = ports.stock().cover(
        [
            DemandLine(
                order_id=row["order_id"],
                order_version=row["version"],
                order_line_id=row["id"],
                dealer_id=row["dealer_id"],
                product_id=row["product_id"],
                ship_to_site_id=row["ship_to_site_id"],
                quantity=row["owed"],
                need_by_date=row["need_by_date"],
            )
            for row in rows
        ],
        at=at,
    )
    covered = {row["id"]: min(row["wanted"], max(row["covered"], answers.get(row["id"], 0))) for row in rows}
    quantity.advance(
        ((row["id"], "covered", covered[row["id"]] - row["covered"]) for row in rows),
        source=f"cycle:{cycle.pk}",
        at=at,
    )
    return covered


def _line(row: dict[str, Any], pooled_quantity: int) -> PooledLine:
    return PooledLine(
        line_id=row["id"],
        order_id=row["order_id"],
        dealer_id=row["dealer_id"],
        product_id=row["product_id"],
        quantity=row["quantity"],
        pooled_quantity=pooled_quantity,
        unit_price=row["unit_price"],
        solo_unit_price=row["solo_unit_price"],
        tax_rate=row["tax_rate"],
    )


def _plan(
    lines: Iterable[PooledLine], cycle: OrderCycle, at: datetime
) -> tuple[dict[int, Purchase], dict[int, int]]:
    needs: dict[int, int] = defaultdict(int)
    for line in lines:
        needs[line.product_id] += line.pooled_quantity
    found = terms.of_supply(needs, factory_id=cycle.factory_id, currency=cycle.currency, day=at.date())
    purchases = {}
    for product_id, need in sorted(needs.items()):
        # Without a valid price table nothing can be bought; the lines wait for the next cycle.
        if (one := found.get(product_id)) is None:
            continue
        bought = pooling.plan(need, minimum=one.minimum, multiple=one.multiple, breaks=one.breaks)
        if bought is not None:
            purchases[product_id] = bought
    return purchases, {product_id: found[product_id].lead_time_days for product_id in purchases}
