"""How full the pools of a cycle are, as far as the asker may know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from b2b.core.actor import DEALER, Actor, acting_as, system
from b2b.db.bulk import fetch_dicts
from b2b.db.transactions import unit_of_work
from orders.models import OrderCycle
from orders.policies import box_fill, progress
from orders.policies.box_fill import Need
from orders.policies.progress import Disclosure, Step
from orders.selectors import terms
from orders.selectors.terms import Terms


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the pool of one product is; quantities in base units.

    `own_quantity` is exact and present. The rest holds for the step in which the others' orders lay when progress was
    last told, plus the asker's own: `unit_price` is sure, `units_to_next_break` at most what the next price lacks.
    `ceiling` tells whether the asker's highest price is reached, possible or not yet. `fills_pack` is what a started
    pack lacks while packs are filled. The operator alone sees the pool as it is: `quantity`, `dealers`, `missing`.
    """

    sku: str
    name: str
    own_quantity: int
    percent_of_next_break: int | None = None
    units_to_next_break: int | None = None
    unit_price: Decimal | None = None
    next_unit_price: Decimal | None = None
    ceiling: str | None = None
    fills_pack: int | None = None
    quantity: int | None = None
    dealers: int | None = None
    minimum: int | None = None
    missing: int | None = None


_POOLS: Final = """
    WITH wanted AS (
        SELECT line.product_id, sum(line.requested - line.cancelled - line.covered)::bigint AS quantity,
            sum(line.flex_up)::bigint AS tolerance, count(DISTINCT line.dealer_id) AS dealers,
            coalesce(sum(line.requested - line.cancelled - line.covered)
                FILTER (WHERE line.dealer_id = %(own)s), 0)::bigint AS own_quantity,
            min(line.max_unit_price) FILTER (WHERE line.dealer_id = %(own)s) AS max_unit_price
        FROM orders_orderline line JOIN orders_order parent ON parent.id = line.order_id
        WHERE line.cycle_id = %(cycle)s AND parent.status = 'CONFIRMED'
            AND line.requested > line.cancelled + line.covered
        GROUP BY line.product_id),
    told AS (
        SELECT DISTINCT ON (product_id) product_id, at_least, below FROM orders_poolprogress
        WHERE cycle_id = %(cycle)s AND (dealer_id = %(own)s OR dealer_id IS NULL)
        ORDER BY product_id, dealer_id NULLS LAST)
    SELECT product.id, product.sku, product.name, told.at_least, told.below, wanted.max_unit_price,
        coalesce(wanted.quantity, 0) AS quantity, coalesce(wanted.tolerance, 0) AS tolerance,
        coalesce(wanted.dealers, 0) AS dealers, coalesce(wanted.own_quantity, 0) AS own_quantity
    FROM wanted FULL JOIN told USING (product_id)
    JOIN catalog_product product ON product.id = product_id ORDER BY product.sku
"""


@unit_of_work()
def of_cycle(actor: Actor, cycle: OrderCycle, *, at: datetime) -> list[Progress]:
    """Return the pool of each product the asker may know of, in two queries.

    A dealer knows of a product when it has ordered it, or when progress was told of it: of as many dealers as the
    cycle declares. What it is told of the others was written at a declared moment, without its own orders; the prices
    beside it are the asker's own, which the steps told of the others do not depend on.
    """
    with acting_as(system("progress")):
        rows = fetch_dicts(_POOLS, {"cycle": cycle.pk, "own": actor.organization_id})
        found = terms.of_products(
            [row["id"] for row in rows],
            buyer_id=actor.organization_id if actor.kind == DEALER else None,
            currency=cycle.currency,
            day=at.date(),
            factory_id=cycle.factory_id,
        )
    if actor.sees_all:
        return [_whole(row, found.get(row["id"])) for row in rows if row["quantity"]]
    fills = cycle.boxfill_at is not None and cycle.boxfill_at <= at < cycle.cutoff_at
    told = Disclosure(**cycle.policy.get("progress", {}))
    return [
        _told(row, found.get(row["id"]), fills=fills and _is_announced(row, told))
        for row in rows
        if row["own_quantity"] or row["at_least"] is not None
    ]


def _is_announced(row: dict[str, Any], told: Disclosure) -> bool:
    """Tell whether what a pack lacks may be said: the asker is alone in the pool, or enough dealers have joined."""
    return bool(row["quantity"] == row["own_quantity"] or row["dealers"] >= told.fewest_dealers)


def _missing(row: dict[str, Any], one: Terms | None) -> int:
    need = Need(row["quantity"], row["tolerance"])
    return box_fill.missing(need, minimum=one.source_minimum, multiple=one.source_multiple) if one else 0


def _told(row: dict[str, Any], one: Terms | None, *, fills: bool) -> Progress:
    breaks, own = (one.breaks if one else ()), row["own_quantity"]
    step = Step(row["at_least"] or 0, row["below"])
    ahead = progress.outlook(step, own, breaks)
    limit = row["max_unit_price"]
    return Progress(
        sku=row["sku"],
        name=row["name"],
        own_quantity=own,
        percent_of_next_break=ahead.percent_of_next,
        units_to_next_break=ahead.units_to_next,
        unit_price=ahead.unit_price,
        next_unit_price=ahead.next_unit_price,
        ceiling=None if limit is None else progress.ceiling(step, own, breaks, limit),
        fills_pack=_missing(row, one) if fills else None,
    )


def _whole(row: dict[str, Any], one: Terms | None) -> Progress:
    breaks = one.breaks if one else ()
    exact = progress.outlook(Step(row["quantity"], None), 0, breaks)
    return Progress(
        sku=row["sku"],
        name=row["name"],
        own_quantity=row["own_quantity"],
        percent_of_next_break=exact.percent_of_next,
        units_to_next_break=exact.units_to_next,
        unit_price=exact.unit_price,
        next_unit_price=exact.next_unit_price,
        quantity=row["quantity"],
        dealers=row["dealers"],
        minimum=one.source_minimum if one else None,
        missing=_missing(row, one),
    )
