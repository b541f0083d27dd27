"""Order cycles, and how full a pool is without telling on anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db.models import QuerySet

from b2b.core.actor import DEALER, Actor, acting_as, system
from b2b.db.bulk import fetch
from b2b.db.transactions import unit_of_work
from orders.models import OrderCycle
from orders.policies.pricing import Break, choose, following
from orders.selectors import terms

FEWEST_DEALERS: Final = 3
STEP_PERCENT: Final = 10


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the pool of one product is.

    `percent_of_next_break` is rounded down to ten; `quantity` and `dealers` are for the operator only, `own_quantity`
    is what the asking dealer has in the pool.
    """

    sku: str
    name: str
    own_quantity: int
    percent_of_next_break: int | None
    unit_price: Decimal | None
    next_unit_price: Decimal | None
    quantity: int | None = None
    dealers: int | None = None


def visible(actor: Actor) -> QuerySet[OrderCycle]:
    """Return the cycles an actor may know: a factory its own, dealers all but drafts, the operator all."""
    cycles = OrderCycle.objects.select_related("factory", "warehouse_site")
    if actor.kind == DEALER:
        return cycles.exclude(status="DRAFT")
    return cycles & OrderCycle.objects.visible_to(actor)


@unit_of_work()
def progress(actor: Actor, cycle: OrderCycle, *, at: datetime) -> list[Progress]:
    """Return the pool of each product in two queries.

    A dealer sees a product only when it has ordered at least once in the cycle or three dealers did; the figures are
    steps of ten per cent, so that nobody can tell a rival's quantity from them, and below three dealers they show
    the asker's own quantity alone.
    """
    with acting_as(system("progress")):
        rows = fetch(
            """
            SELECT product.id, product.sku, product.name, sum(line.requested - line.cancelled - line.covered)::bigint,
                count(DISTINCT line.dealer_id),
                coalesce(sum(line.requested - line.cancelled - line.covered)
                    FILTER (WHERE line.dealer_id = %(own)s), 0)::bigint
            FROM orders_orderline line
            JOIN orders_order parent ON parent.id = line.order_id AND parent.status <> 'CANCELLED'
            JOIN catalog_product product ON product.id = line.product_id
            WHERE line.cycle_id = %(cycle)s GROUP BY product.id ORDER BY product.sku
            """,
            {"cycle": cycle.pk, "own": actor.organization_id},
        )
        found = terms.of_products(
            [row[0] for row in rows],
            buyer_id=None,
            currency=cycle.currency,
            day=at.date(),
            factory_id=cycle.factory_id,
        )
    return [
        _show(actor, row, found[row[0]].breaks if row[0] in found else ())
        for row in rows
        if actor.sees_all or row[5] or row[4] >= FEWEST_DEALERS
    ]


def _show(actor: Actor, row: tuple[int, str, str, int, int, int], breaks: tuple[Break, ...]) -> Progress:
    _, sku, name, pooled, dealers, own = row
    known = pooled if actor.sees_all or dealers >= FEWEST_DEALERS else own
    held, ahead = choose(breaks, known), following(breaks, known)
    percent = known * 100 // ahead.min_quantity // STEP_PERCENT * STEP_PERCENT if ahead else None
    return Progress(
        sku=sku,
        name=name,
        own_quantity=own,
        percent_of_next_break=percent,
        unit_price=held.unit_price if held else None,
        next_unit_price=ahead.unit_price if ahead else None,
        quantity=pooled if actor.sees_all else None,
        dealers=dealers if actor.sees_all else None,
    )
