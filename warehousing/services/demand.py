"""Follow the orders: what each of their lines wants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from b2b.contracts.orders import OrderCancelled, OrderChanged, OrderConfirmed
from b2b.contracts.warehousing import DemandLine
from b2b.db.bulk import fetch, transpose, unnest
from b2b.db.locks import lock
from b2b.db.transactions import unit_of_work
from warehousing.models import Demand, SupplyShare
from warehousing.selectors import need
from warehousing.services import promise_expected, promise_release, sourcing, supply

COLUMNS = {
    "order_id": "uuid",
    "order_version": "integer",
    "order_line_id": "bigint",
    "dealer_id": "bigint",
    "product_id": "bigint",
    "ship_to_site_id": "bigint",
    "quantity": "bigint",
    "need_by_date": "date",
}

FOLLOW = """
INSERT INTO warehousing_demandorder AS known (order_id, number, dealer_id, version, is_cancelled)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (order_id) DO UPDATE SET number = excluded.number, version = excluded.version,
    is_cancelled = excluded.is_cancelled
WHERE known.version < excluded.version
RETURNING order_id
"""

# A line of an order known to be cancelled is not taken up again; a newer version replaces an older one.
# Questions about cover come before the order's own event has told the whole order: they are recorded as version 0.
RECORD = f"""
INSERT INTO warehousing_demand AS known (order_id, order_version, order_line_id, dealer_id, product_id,
    ship_to_site_id, quantity, need_by_date, is_cancelled, recorded_at)
SELECT given.order_id, given.order_version, given.order_line_id, given.dealer_id, given.product_id,
    given.ship_to_site_id, given.quantity, given.need_by_date, false, %(at)s
FROM {unnest(COLUMNS)}
LEFT JOIN warehousing_demandorder header ON header.order_id = given.order_id
WHERE header.is_cancelled IS NOT TRUE
ORDER BY given.order_line_id
ON CONFLICT (order_line_id) DO UPDATE SET order_version = excluded.order_version, quantity = excluded.quantity,
    need_by_date = excluded.need_by_date, ship_to_site_id = excluded.ship_to_site_id, is_cancelled = false
WHERE known.order_version < excluded.order_version
RETURNING id, order_line_id
"""


@unit_of_work()
def record(order: OrderConfirmed | OrderChanged, *, at: datetime) -> int:
    """Mirror a whole order as it now stands; return how many units were newly promised.

    New lines and grown quantities are promised goods, shrunken and removed ones give back what they held. An event
    that is not newer than what is known changes nothing.
    """
    if not _follow(order.order_id, order.number, order.dealer_id, order.version, is_cancelled=False):
        return 0
    before = {row.order_line_id: row for row in lock(Demand.objects.filter(order_id=order.order_id))}
    mirrored = _record(
        (
            DemandLine(
                order_id=order.order_id,
                order_version=order.version,
                order_line_id=line.line_id,
                dealer_id=order.dealer_id,
                product_id=line.product_id,
                ship_to_site_id=line.ship_to_site_id,
                quantity=line.quantity,
                need_by_date=line.need_by_date,
            )
            for line in order.lines
        ),
        at=at,
    )
    named = {line.line_id: line.quantity for line in order.lines}
    removed = [row.pk for line_id, row in before.items() if line_id not in named]
    Demand.objects.filter(pk__in=removed, order_version__lt=order.version).update(
        is_cancelled=True, order_version=order.version
    )
    grown, shrunken = [], removed
    for line_id, demand_id in mirrored.items():
        known = before.get(line_id)
        had = known.quantity if known and not known.is_cancelled else 0
        if named[line_id] > had:
            grown.append(demand_id)
        elif named[line_id] < had:
            shrunken.append(demand_id)
    if shrunken:
        promise_release.hold(shrunken, [*shrunken, *grown])
        promise_release.trim(shrunken)
    if not grown:
        return 0
    # Rare: the sharing, and perhaps its goods, came before the order it is for.
    early = SupplyShare.objects.filter(order_line_id__in=mirrored).values_list("purchase_order_id", flat=True)
    kept = sum(supply.settle(purchase_order_id, at=at) for purchase_order_id in early.distinct())
    kept += sum(sourcing.promise_at_least_cost(grown, at=at).values())
    return kept + sum(promise_expected.make(need.of_demands(grown), at=at).values())


@unit_of_work()
def cancel(order: OrderCancelled) -> int:
    """Withdraw an order and return how many units were released; it may come before the order itself."""
    if not _follow(order.order_id, order.number, order.dealer_id, order.version, is_cancelled=True):
        return 0
    demands = lock(Demand.objects.filter(order_id=order.order_id).only("pk"))
    keys = [demand.pk for demand in demands]
    Demand.objects.filter(pk__in=keys).update(is_cancelled=True, order_version=order.version)
    return sum(promise_release.trim(keys).values()) if keys else 0


@unit_of_work()
def cover(lines: Sequence[DemandLine], *, at: datetime) -> dict[int, int]:
    """Promise free stock to order lines and return order line -> total covered from stock, at most what is asked.

    A line the warehouse has not heard of is mirrored until its order's event comes; what is known of a line is not
    changed by asking. Asking again answers the same and takes only what has become free; constant statements.
    """
    if not lines:
        return {}
    _record((replace(line, order_version=0) for line in lines), at=at)
    asked = {line.order_line_id: line.quantity for line in lines}
    demands = dict(Demand.objects.filter(order_line_id__in=asked).values_list("pk", "order_line_id"))
    limits = {key: asked[line_id] for key, line_id in demands.items()}
    sourcing.promise_at_least_cost(demands, at=at, most=limits)
    needs = need.of_demands(demands)
    asking = [
        replace(
            row, quantity=min(row.quantity, row.kept + row.coming + limits[row.demand_id] - row.from_stock)
        )
        for row in needs
    ]
    coming = promise_expected.make(asking, at=at)
    covered = {row.order_line_id: row.from_stock + coming.get(row.demand_id, 0) for row in needs}
    return {line_id: covered.get(line_id, 0) for line_id in asked}


def _follow(order_id: UUID, number: str, dealer_id: int, version: int, *, is_cancelled: bool) -> bool:
    """Take note of an order's version; False when it is not newer than the one known."""
    return bool(fetch(FOLLOW, [order_id, number, dealer_id, version, is_cancelled]))


def _record(lines: Iterable[DemandLine], *, at: datetime) -> dict[int, int]:
    """Write lines that are new or newer; return order line -> demand of those written."""
    rows = transpose(list(COLUMNS), ([getattr(line, name) for name in COLUMNS] for line in lines))
    return {line_id: key for key, line_id in fetch(RECORD, {**rows, "at": at})}
