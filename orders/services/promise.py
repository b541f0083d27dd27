"""Available to promise and capable to promise: what a dealer may count on, by when, held under a lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from b2b.catalog.models import Product
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Forbidden, Invalid
from b2b.db.bulk import execute, fetch
from b2b.db.locks import advisory_lock
from b2b.db.transactions import unit_of_work
from orders import ports
from orders.models import SupplyPromise
from orders.policies import production_plan
from orders.policies.demand import monday_of

HOLD: Final = timedelta(minutes=30)
# A year of weeks is as far as anybody promises.
HORIZON_WEEKS: Final = 52
# Everything about one product, from indexes of the product alone: surplus that comes, what signals will bring, lines
# that wait in no open pool, and promises that hold. Signs say whether it comes or goes.
_MOVES: Final = """
    SELECT coalesce(bought.promised_date, bought.requested_date), peg.allocated - peg.received
    FROM orders_purchaseorderline bought
    JOIN orders_purchaseorder parent ON parent.id = bought.purchase_order_id
        AND parent.status NOT IN ('REJECTED', 'CANCELLED', 'CLOSED')
    JOIN orders_peg peg ON peg.purchase_order_line_id = bought.id AND peg.order_line_id IS NULL
    WHERE bought.product_id = %(product)s AND bought.response_version > 0 AND peg.allocated > peg.received
    UNION ALL
    SELECT line.week_start_date + 6, line.committed_quantity - greatest(line.ordered_quantity, line.fulfilled_quantity)
    FROM orders_productionsignalline line JOIN orders_productionsignal parent ON parent.id = line.signal_id
    WHERE line.product_id = %(product)s AND line.is_order AND parent.run_id IS NOT NULL
        AND parent.status IN ('COMMITTED', 'IN_PRODUCTION', 'SHIPPED')
    UNION ALL
    SELECT waiting.due_date, -sum(waiting.quantity)::bigint FROM (
        SELECT coalesce(line.need_by_date, %(today)s) AS due_date,
            line.requested - line.cancelled - line.covered - line.pooled AS quantity
        FROM orders_orderline line JOIN orders_order parent ON parent.id = line.order_id AND parent.status = 'CONFIRMED'
        WHERE line.factory_id = ANY(%(factories)s) AND line.product_id = %(product)s AND line.cycle_id IS NULL
            AND line.requested > line.cancelled + line.covered + line.pooled) waiting
    GROUP BY 1
    UNION ALL
    SELECT by_date, -quantity FROM orders_supplypromise WHERE product_id = %(product)s AND expires_at > %(at)s
"""
_SOURCES: Final = """
    SELECT factory_id, lead_time_days, weekly_capacity FROM orders_supplysource
    WHERE product_id = %s AND is_active ORDER BY priority, id
"""
_BOOKED: Final = """
    SELECT (week_start_date - %(monday)s) / 7,
        sum(greatest(line.quantity - line.rejected_quantity - line.fulfilled_quantity, 0))::bigint
    FROM orders_productionsignalline line JOIN orders_productionsignal parent ON parent.id = line.signal_id
    WHERE line.product_id = %(product)s AND line.factory_id = %(factory)s AND line.is_order
        AND line.week_start_date >= %(monday)s
        AND parent.status IN ('PROPOSED', 'APPROVED', 'SENT', 'ACKNOWLEDGED', 'COMMITTED', 'IN_PRODUCTION')
    GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What can be had: `available` of it from what is there or comes by the day, all of it by `by_date`.

    `by_date` is null when no factory could make it within a year.
    """

    quantity: int
    available: int
    by_date: date | None
    promise: SupplyPromise | None = None


@unit_of_work()
def ask(
    product: Product, quantity: int, *, by_date: date, by: Actor, at: datetime, hold: bool = False
) -> Answer:
    """Say by when a dealer can have a quantity; with `hold` it is promised for half an hour, and to nobody else.

    Available to promise first: what is free or comes by the day and no later promise needs. What is more is made in the
    first week in which the factory has room, after its lead time (capable to promise). One product is asked about
    at a time, so that two never get the same goods; six statements.

    :raises Invalid: for a quantity below 1 or a day gone by. :raises Forbidden: when nobody but a dealer would hold.
    """
    if quantity < 1:
        raise Invalid("ask for at least one")
    if by_date < at.date():
        raise Invalid("ask for today or a later day")
    dealer_id = by.organization_id
    if hold and (by.kind != "dealer" or dealer_id is None):
        raise Forbidden("only a dealer is promised goods")
    with acting_as(system("orders")):
        advisory_lock(f"orders.promise.{product.pk}")
        sources = fetch(_SOURCES, [product.pk])
        available = _available(product, by_date, [factory for factory, _, _ in sources], at)
        served = min(quantity, available)
        day = by_date if served == quantity else _made_by(product, quantity - served, sources, at.date())
        answer = Answer(
            quantity=quantity, available=served, by_date=None if day is None else max(day, by_date)
        )
        if not hold or answer.by_date is None or dealer_id is None:
            return answer
        made = SupplyPromise.objects.create(
            dealer_id=dealer_id, product=product, by_date=answer.by_date, quantity=quantity, created_at=at,
            expires_at=at + HOLD,
        )  # fmt: skip
    return Answer(quantity, served, answer.by_date, made)


def _available(product: Product, by_date: date, factories: Sequence[int], at: datetime) -> int:
    """Return what may be promised by a day, day by day cumulated."""
    free = ports.stock().available([product.pk]).get(product.pk, 0)
    moves = fetch(_MOVES, {"product": product.pk, "today": at.date(), "at": at, "factories": list(factories)})
    days = sorted({at.date(), by_date, *(max(day, at.date()) for day, _ in moves)})
    place = {day: index for index, day in enumerate(days)}
    supply, promised = [0] * len(days), [0] * len(days)
    supply[0] = free
    for day, moved in moves:
        side = supply if moved > 0 else promised
        side[place[max(day, at.date())]] += abs(moved)
    return production_plan.promise(supply, promised)[place[by_date]]


def _made_by(
    product: Product, quantity: int, sources: Sequence[tuple[int, int, int | None]], today: date
) -> date | None:
    """Return by when the first factory can make it: its weeks with room, and its lead time; null for none in a year."""
    for factory, lead_days, capacity in sources:
        ready = today + timedelta(days=lead_days)
        if capacity is None:
            return ready
        monday = monday_of(today)
        booked = dict(fetch(_BOOKED, {"product": product.pk, "factory": factory, "monday": monday}))
        left = quantity
        for week in range((ready - monday).days // 7, HORIZON_WEEKS):
            left -= max(0, capacity - booked.get(week, 0))
            if left <= 0:
                return max(ready, monday + timedelta(days=7 * week + 6))
    return None


@unit_of_work()
def lapse(*, at: datetime) -> int:
    """Forget promises whose time is over and return how many; they had stopped to count when it was."""
    with acting_as(system("orders")):
        return execute("DELETE FROM orders_supplypromise WHERE expires_at <= %s", [at])
