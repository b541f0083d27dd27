"""Know lots, and take them out of circulation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from b2b.db.bulk import fetch, transpose, unnest
from b2b.db.locks import lock, lock_one
from b2b.db.transactions import unit_of_work
from warehousing import states
from warehousing.models import Demand, Lot, Quant
from warehousing.services import reservation

COLUMNS = {"product_id": "bigint", "number": "text", "expiry_date": "date"}

# Lots that are known and need not learn anything are only read: writing a row anew costs more than finding it.
ENSURE = f"""
WITH given AS (SELECT * FROM {unnest(COLUMNS)}),
there AS (
    SELECT given.product_id, given.number, given.expiry_date, known.id,
        known.id IS NULL OR (known.expiry_date IS NULL AND given.expiry_date IS NOT NULL)
        OR (known.origin_factory_id IS NULL AND %(factory_id)s::bigint IS NOT NULL) AS is_news
    FROM given LEFT JOIN warehousing_lot known
        ON known.product_id = given.product_id AND known.number = given.number
),
made AS (
    INSERT INTO warehousing_lot AS known (product_id, number, expiry_date, origin_factory_id, origin_country, status,
        status_reason)
    SELECT product_id, number, expiry_date, %(factory_id)s::bigint, '', 'RELEASED', '' FROM there WHERE is_news
    ORDER BY product_id, number
    ON CONFLICT (product_id, number) DO UPDATE SET expiry_date = coalesce(known.expiry_date, excluded.expiry_date),
        origin_factory_id = coalesce(known.origin_factory_id, excluded.origin_factory_id)
    RETURNING product_id, number, id
)
SELECT product_id, number, id FROM made
UNION ALL SELECT product_id, number, id FROM there WHERE NOT is_news
"""

RELEASE = """
WITH given AS (
    UPDATE warehousing_reservation kept SET status = 'RELEASED' FROM warehousing_quant quant
    WHERE quant.id = kept.quant_id AND quant.lot_id = %(lot_id)s AND kept.status = 'ACTIVE'
    RETURNING kept.id, kept.quant_id, kept.quantity, kept.demand_id
),
tasks AS (
    UPDATE warehousing_picktask task SET status = 'CANCELLED' FROM given
    WHERE task.reservation_id = given.id AND task.status = 'OPEN'
),
freed AS (
    UPDATE warehousing_quant quant SET reserved = quant.reserved - total.quantity
    FROM (SELECT quant_id, sum(quantity)::bigint AS quantity FROM given GROUP BY quant_id) total
    WHERE quant.id = total.quant_id
)
SELECT DISTINCT demand_id FROM given
"""


def ensure(
    lots: Mapping[tuple[int, str], date | None], *, origin_factory_id: int | None = None
) -> dict[tuple[int, str], int]:
    """Return the key of each lot, given as (product, number) -> expiry; unknown ones are written. One statement.

    Expiry and the factory a lot came from are kept once they are known.
    """
    if not lots:
        return {}
    rows = transpose(list(COLUMNS), ((product, number, expiry) for (product, number), expiry in lots.items()))
    found = fetch(ENSURE, {**rows, "factory_id": origin_factory_id})
    return {(product, number): key for product, number, key in found}


@unit_of_work()
def quarantine(lot_id: int, *, reason: str, at: datetime) -> list[int]:
    """Take a lot out of circulation and return the demands that lost goods of it; they are reserved for elsewhere.

    :raises NotFound: when there is no such lot. :raises IllegalTransition: when it is not released.
    """
    lot = lock_one(Lot.objects.filter(pk=lot_id))
    lot.status, lot.status_reason = states.LOT.next(lot.status, "quarantine"), reason
    lot.save(update_fields=["status", "status_reason"])
    lock(Demand.objects.filter(reservations__quant__lot_id=lot_id, reservations__status="ACTIVE").only("pk"))
    lock(Quant.objects.filter(lot_id=lot_id).only("pk"))  # whoever reserves next looks at the lot again
    losers = [demand_id for (demand_id,) in fetch(RELEASE, {"lot_id": lot_id})]
    if losers:
        reservation.allocate_demands(losers, at=at)
    return losers


@unit_of_work()
def release(lot_id: int, *, reason: str) -> None:
    """Give a quarantined lot back to circulation.

    :raises NotFound: when there is no such lot. :raises IllegalTransition: when it is not in quarantine.
    """
    lot = lock_one(Lot.objects.filter(pk=lot_id))
    lot.status, lot.status_reason = states.LOT.next(lot.status, "release"), reason
    lot.save(update_fields=["status", "status_reason"])
