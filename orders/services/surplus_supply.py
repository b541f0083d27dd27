"""What an earlier cycle bought beyond its needs for the next one: its needs take it before anything is bought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from b2b.db.bulk import execute, fetch_value, temporary
from b2b.db.locks import lock
from orders.models import OrderCycle, Peg, PurchaseOrder
from orders.services import peg_release, quantity
from orders.services.pool import Demand

# Units that are still to come: what has been received is on the shelf, and stock covers needs by itself.
_OFFERED: Final = f"""
    FROM orders_peg peg JOIN orders_purchaseorderline purchase ON purchase.id = peg.purchase_order_line_id
    WHERE peg.surplus_owner = '{Peg.SurplusOwner.NEXT_CYCLE}' AND peg.order_line_id IS NULL
        AND CASE WHEN purchase.response_version > 0 THEN peg.allocated ELSE peg.pegged END > peg.received
"""
# Supply and needs of a product are laid end to end, each in key order; where two overlap, the one takes of the other.
_TAKEN: Final = f"""
    WITH offer AS (
        SELECT peg.id, peg.schedule_line_id, purchase.id AS purchase_line_id, purchase.factory_id, purchase.product_id,
            purchase.unit_price, purchase.response_version > 0 AS is_answered,
            CASE WHEN purchase.response_version > 0 THEN peg.allocated ELSE peg.pegged END - peg.received AS units
        {_OFFERED} AND purchase.purchase_order_id = ANY(%(purchases)s)),
    supply AS (SELECT *, sum(units) OVER (PARTITION BY factory_id, product_id ORDER BY id) AS upto FROM offer),
    want AS (
        SELECT id, dealer_id, factory_id, product_id, need,
            sum(need) OVER (PARTITION BY factory_id, product_id ORDER BY id) AS upto
        FROM {{needs}} WHERE need > 0 AND ceiling IS NULL)
    SELECT supply.id AS peg_id, supply.schedule_line_id, supply.purchase_line_id, supply.unit_price,
        supply.is_answered, want.id AS line_id, want.dealer_id,
        (least(supply.upto, want.upto) - greatest(supply.upto - supply.units, want.upto - want.need))::bigint
            AS quantity
    FROM supply JOIN want USING (factory_id, product_id)
    WHERE least(supply.upto, want.upto) > greatest(supply.upto - supply.units, want.upto - want.need)
"""


def hold(cycle: OrderCycle) -> list[PurchaseOrder]:
    """Lock the purchase orders that bought something for the cycle after theirs, of this one's goods and warehouse."""
    found = PurchaseOrder.objects.filter(
        warehouse_site_id=cycle.warehouse_site_id,
        currency=cycle.currency,
        cycle__region=cycle.region,
        lines__pegs__surplus_owner=Peg.SurplusOwner.NEXT_CYCLE,
        lines__pegs__pegged__gt=0,
        status__in=("SENT", "CONFIRMED"),
    )
    of_goods = (
        found.filter(factory_id=cycle.factory_id)
        if cycle.factory_id
        else found.filter(lines__product__category=cycle.category)
    )
    keys = list(of_goods.values_list("pk", flat=True).distinct())
    return lock(PurchaseOrder.objects.filter(pk__in=keys)) if keys else []


def take(cycle: OrderCycle, demand: Demand, held: Sequence[PurchaseOrder], *, at: datetime) -> int:
    """Give needs of a closing cycle what the held purchase orders have for it, and return how many units.

    Earlier lines first; a need with a ceiling waits for the pool's price. The units change pegs, their price is that
    of the purchase, and the warehouse hears of orders that were answered. Statements depend on the purchase orders.
    """
    if not held or not demand.lines:
        return 0
    taken = temporary(
        _TAKEN.format(needs=demand.needs), {"purchases": [one.pk for one in held]}, name="pool_taken"
    )
    units = int(fetch_value(f"SELECT coalesce(sum(quantity), 0) FROM {taken}"))
    if not units:
        return 0
    _repeg(taken)
    quantity.advance_from(
        f"""
        SELECT line_id, dealer_id, sum(quantity)::bigint AS pooled,
            coalesce(sum(quantity) FILTER (WHERE is_answered), 0)::bigint AS allocated
        FROM {taken} GROUP BY line_id, dealer_id ORDER BY line_id
        """,
        ("pooled", "allocated"),
        source=f"surplus:{cycle.pk}",
        at=at,
    )
    execute(
        f"""
        UPDATE {demand.needs} line SET need = line.need - given.units, taken = given.units, taken_cost = given.cost,
            flex_down = least(line.flex_down, line.need - given.units)
        FROM (SELECT line_id, sum(quantity)::bigint AS units, sum(quantity * unit_price) AS cost FROM {taken}
            GROUP BY line_id) given
        WHERE given.line_id = line.id
        """
    )
    answered = fetch_value(
        f"""
        SELECT coalesce(array_agg(DISTINCT purchase.purchase_order_id), '{{}}') FROM {taken} given
        JOIN orders_purchaseorderline purchase ON purchase.id = given.purchase_line_id WHERE given.is_answered
        """
    )
    for one in held:
        if one.pk in answered:
            peg_release.share_anew(one, at=at)
    return units


def _repeg(taken: str) -> None:
    execute(
        f"""
        UPDATE orders_peg peg SET pegged = peg.pegged - given.units,
            allocated = peg.allocated - CASE WHEN given.is_answered THEN given.units ELSE 0 END
        FROM (SELECT peg_id, is_answered, sum(quantity)::bigint AS units FROM {taken} GROUP BY 1, 2) given
        WHERE peg.id = given.peg_id
        """
    )
    execute(
        f"""
        INSERT INTO orders_peg AS kept (schedule_line_id, purchase_order_line_id, order_line_id, dealer_id,
            surplus_owner, pegged, allocated, received)
        SELECT schedule_line_id, purchase_line_id, line_id, dealer_id, '', sum(quantity)::bigint,
            sum(CASE WHEN is_answered THEN quantity ELSE 0 END)::bigint, 0
        FROM {taken} GROUP BY schedule_line_id, purchase_line_id, line_id, dealer_id
        ON CONFLICT (purchase_order_line_id, schedule_line_id, order_line_id, surplus_owner)
        DO UPDATE SET pegged = kept.pegged + excluded.pegged, allocated = kept.allocated + excluded.allocated
        """
    )
    execute(
        f"""
        UPDATE orders_purchaseorderline line SET surplus_quantity = line.surplus_quantity - given.units
        FROM (SELECT purchase_line_id, sum(quantity)::bigint AS units FROM {taken} GROUP BY 1) given
        WHERE line.id = given.purchase_line_id
        """
    )
