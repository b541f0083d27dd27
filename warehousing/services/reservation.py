"""Keep goods for demands, never more than there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from b2b.db.bulk import fetch, transpose, unnest
from b2b.db.locks import lock
from b2b.db.transactions import unit_of_work
from warehousing.models import Demand, Location, Quant, StockStatus
from warehousing.policies import rotation
from warehousing.selectors import need

TAKES = {"place": "bigint", "demand_id": "bigint", "quant_id": "bigint", "quantity": "bigint"}

# The guard holds by itself; the quants are locked before only so that waiting is short and in one order.
# A lot may have been quarantined while this waited for its quants, hence the second look.
HOLD = f"""
WITH takes AS (SELECT * FROM {unnest(TAKES)}),
held AS (
    UPDATE warehousing_quant quant SET reserved = quant.reserved + wanted.quantity
    FROM (SELECT quant_id, sum(quantity)::bigint AS quantity FROM takes GROUP BY quant_id) wanted
    WHERE quant.id = wanted.quant_id AND quant.on_hand - quant.reserved >= wanted.quantity
    AND NOT EXISTS (SELECT FROM warehousing_lot lot WHERE lot.id = quant.lot_id AND lot.status <> 'RELEASED')
    RETURNING quant.id
)
INSERT INTO warehousing_reservation (demand_id, quant_id, quantity, status, purchase_order_id, reserved_at)
SELECT takes.demand_id, takes.quant_id, takes.quantity, 'ACTIVE', %(purchase_order_id)s::uuid, %(at)s
FROM takes JOIN held ON held.id = takes.quant_id ORDER BY takes.place
RETURNING demand_id, quantity
"""

# Newest reservations are given up first; what is picked already counts against what may be kept.
TRIM = """
WITH wanted AS (
    SELECT demand.id, CASE WHEN demand.is_cancelled THEN 0 ELSE demand.quantity END - coalesce(
        (SELECT sum(quantity) FROM warehousing_reservation picked
         WHERE picked.demand_id = demand.id AND picked.status = 'PICKED'), 0) AS quantity
    FROM warehousing_demand demand WHERE demand.id = ANY(%(demand_ids)s::bigint[])
),
ranked AS (
    SELECT kept.id, kept.quant_id, kept.quantity,
        sum(kept.quantity) OVER (PARTITION BY kept.demand_id ORDER BY kept.id) - wanted.quantity AS beyond
    FROM warehousing_reservation kept JOIN wanted ON wanted.id = kept.demand_id WHERE kept.status = 'ACTIVE'
),
cuts AS (
    SELECT id, quant_id, quantity - least(quantity, beyond)::bigint AS rest, least(quantity, beyond)::bigint AS cut
    FROM ranked WHERE beyond > 0
),
freed AS (
    UPDATE warehousing_quant quant SET reserved = quant.reserved - given.cut
    FROM (SELECT quant_id, sum(cut)::bigint AS cut FROM cuts GROUP BY quant_id) given WHERE quant.id = given.quant_id
),
tasks AS (
    UPDATE warehousing_picktask task SET status = CASE WHEN cuts.rest = 0 THEN 'CANCELLED' ELSE task.status END,
        quantity = CASE WHEN cuts.rest = 0 THEN task.quantity ELSE cuts.rest END
    FROM cuts WHERE task.reservation_id = cuts.id AND task.status = 'OPEN'
)
UPDATE warehousing_reservation kept SET status = CASE WHEN cuts.rest = 0 THEN 'RELEASED' ELSE kept.status END,
    quantity = CASE WHEN cuts.rest = 0 THEN kept.quantity ELSE cuts.rest END
FROM cuts WHERE kept.id = cuts.id
RETURNING kept.demand_id, cuts.cut
"""


@unit_of_work()
def reserve(
    demand_ids: Collection[int],
    *,
    at: datetime,
    most: Mapping[int, int] | None = None,
    beside_supply: bool = True,
) -> dict[int, int]:
    """Reserve free stock for what these demands still lack and return demand -> newly reserved; at most ten statements.

    Earlier needs are served first. Goods on order for a demand count as coming, unless `beside_supply` is False;
    `most` limits what a demand takes from stock in all.
    """
    held = lock(Demand.objects.filter(pk__in=demand_ids, is_cancelled=False).only("pk"))
    wants = []
    for row in sorted(need.of_demands([demand.pk for demand in held]), key=need.urgency):
        lacking = row.lacking if beside_supply else row.open_quantity
        if most is not None:
            lacking = min(lacking, most[row.demand_id] - row.from_stock)
        wants.append(rotation.Want(row.demand_id, row.product_id, lacking))
    return keep(wants, at=at)


def keep(
    wants: Sequence[rotation.Want],
    *,
    at: datetime,
    warehouse_site_id: int | None = None,
    purchase_order_id: UUID | None = None,
) -> dict[int, int]:
    """Reserve free, released, unexpired platform stock for wants keyed by demand; return demand -> reserved.

    The caller holds the demands.
    """
    wants = [want for want in wants if want.quantity > 0]
    if not wants:
        return {}
    quants = _reservable({want.product_id for want in wants}, at=at, warehouse_site_id=warehouse_site_id)
    takes = rotation.assign(wants, quants)
    if not takes:
        return {}
    rows = transpose(
        list(TAKES), ((place, take.want, take.supply, take.quantity) for place, take in enumerate(takes))
    )
    reserved: dict[int, int] = {}
    for demand_id, quantity in fetch(HOLD, {**rows, "purchase_order_id": purchase_order_id, "at": at}):
        reserved[demand_id] = reserved.get(demand_id, 0) + quantity
    return reserved


def _reservable(
    product_ids: Iterable[int], *, at: datetime, warehouse_site_id: int | None
) -> list[rotation.Supply]:
    """Lock the quants that have something to give and return them."""
    quants = Quant.objects.filter(
        Q(lot=None) | Q(lot__status="RELEASED"),
        Q(lot=None) | Q(lot__expiry_date=None) | Q(lot__expiry_date__gt=at.date()),
        product_id__in=product_ids,
        owner=None,
        status=StockStatus.AVAILABLE,
        on_hand__gt=F("reserved"),
        location__kind__in=Location.RESERVABLE,
        location__is_active=True,
        location__warehouse__is_active=True,
    ).select_related("lot", "location__warehouse")
    if warehouse_site_id is not None:
        quants = quants.filter(location__warehouse__site_id=warehouse_site_id)
    return [
        rotation.Supply(
            key=quant.pk,
            product_id=quant.product_id,
            quantity=quant.free,
            priority=quant.location.warehouse.priority,
            expiry_date=quant.lot.expiry_date if quant.lot else None,
            since_at=quant.since_at,
        )
        for quant in lock(quants)
    ]


@unit_of_work()
def trim(demand_ids: Collection[int]) -> dict[int, int]:
    """Release what is reserved beyond the demands' present quantities, newest first; return demand -> released.

    A cancelled demand keeps nothing but what is picked already.
    """
    lock(Demand.objects.filter(pk__in=demand_ids).only("pk"))
    lock(
        Quant.objects.filter(reservations__demand_id__in=demand_ids, reservations__status="ACTIVE").only("pk")
    )
    released: dict[int, int] = {}
    for demand_id, cut in fetch(TRIM, {"demand_ids": list(demand_ids)}):
        released[demand_id] = released.get(demand_id, 0) + cut
    return released
