"""Know lots, and take them out of circulation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from b2b.core.errors import DomainError
from b2b.db.bulk import fetch, transpose, unnest
from b2b.db.locks import lock, lock_one
from b2b.db.transactions import unit_of_work
from warehousing import states
from warehousing.models import Demand, Lot, Recall
from warehousing.services import goods, reservation

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
    WHERE quant.id = kept.quant_id AND quant.lot_id = ANY(%(lot_ids)s::bigint[]) AND kept.status = 'ACTIVE'
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


class StillRecalled(DomainError):
    """The lot is called back, and stays blocked until that is over."""

    code = "still_recalled"


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
def hold(lot_ids: Collection[int]) -> list[Lot]:
    """Hold lots, the demands that have goods of them, and all goods of their products.

    Nobody reserves, picks or packs them meanwhile.
    """
    lots = lock(Lot.objects.filter(pk__in=lot_ids))
    kept = {"reservations__quant__lot_id__in": lot_ids, "reservations__status": "ACTIVE"}
    lock(Demand.objects.filter(**kept).only("pk"))
    # Whoever reserves or picks next looks at the lot again; others are held with it for who is reserved for elsewhere.
    goods.hold([one.product_id for one in lots])
    return lots


@unit_of_work()
def block(lot_ids: Collection[int], *, reason: str, at: datetime) -> list[int]:
    """Take lots out of circulation and return the demands that lost goods of them; they are reserved for elsewhere.

    In a constant number of statements.

    :raises IllegalTransition: when one is not released.
    """
    lots = hold(lot_ids) if lot_ids else []
    if not lots:
        return []
    for one in lots:
        one.status, one.status_reason = states.LOT.next(one.status, "quarantine"), reason
    Lot.objects.bulk_update(lots, ["status", "status_reason"])
    losers = [demand_id for (demand_id,) in fetch(RELEASE, {"lot_ids": list(lot_ids)})]
    if losers:
        reservation.allocate_demands(losers, at=at)
    return losers


@unit_of_work()
def quarantine(lot_id: int, *, reason: str, at: datetime) -> list[int]:
    """Block one lot, as `block` does.

    :raises NotFound: when there is no such lot. :raises IllegalTransition: when it is not released.
    """
    lock_one(Lot.objects.filter(pk=lot_id))
    return block([lot_id], reason=reason, at=at)


@unit_of_work()
def release(lot_id: int, *, reason: str) -> None:
    """Give a quarantined lot back to circulation.

    :raises NotFound: when there is no such lot. :raises IllegalTransition: when it is not in quarantine.
    :raises StillRecalled: while a recall of it is open.
    """
    lot = lock_one(Lot.objects.filter(pk=lot_id))
    recalls = Recall.objects.filter(lots=lot, status="OPEN").order_by("pk").values_list("number", flat=True)
    if recalls:
        raise StillRecalled(f"{', '.join(recalls)} calls lot {lot.number} back; close it first")
    _move(lot, "release", reason)


@unit_of_work()
def reject(lot_id: int, *, reason: str) -> None:
    """Give a quarantined lot up: nothing of it leaves to a dealer any more.

    :raises NotFound: when there is no such lot. :raises IllegalTransition: when it is not in quarantine.
    """
    _move(lock_one(Lot.objects.filter(pk=lot_id)), "reject", reason)


def _move(lot: Lot, verb: str, reason: str) -> None:
    lot.status, lot.status_reason = states.LOT.next(lot.status, verb), reason.strip()[:200]
    lot.save(update_fields=["status", "status_reason"])
