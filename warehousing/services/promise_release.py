"""Take promises back: as far as nobody wants them any more, or because they lapsed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from b2b.db.bulk import execute, fetch
from b2b.db.locks import lock
from b2b.db.transactions import unit_of_work
from warehousing.models import Demand, Promise, PromiseBook, Quant


@dataclass(frozen=True, slots=True)
class Forgone:
    """Base units that are not promised any more: from free stock, and of what a purchase order brought."""

    from_stock: int
    supplied: int


# What each open promise of these demands may keep beyond what is picked of it: the newest are given up first.
_WANTED = """
    SELECT promise.id, greatest(0, least(promise.quantity - promise.picked, wanted.quantity - sum(
        promise.quantity - promise.picked) OVER (PARTITION BY promise.demand_id ORDER BY promise.id)
        + promise.quantity - promise.picked))::bigint AS rest
    FROM warehousing_promise promise JOIN (
        SELECT demand.id, CASE WHEN demand.is_cancelled THEN 0 ELSE demand.quantity END - coalesce((
            SELECT sum(picked) FROM warehousing_promise had
            WHERE had.demand_id = demand.id AND had.status IN ('ON_HAND', 'EXPECTED', 'FULFILLED')), 0) AS quantity
        FROM warehousing_demand demand WHERE demand.id = ANY(%(keys)s::bigint[])) wanted
        ON wanted.id = promise.demand_id
    WHERE promise.status IN ('ON_HAND', 'EXPECTED')
"""
_NOTHING = """
    SELECT id, 0::bigint AS rest FROM warehousing_promise
    WHERE id = ANY(%(keys)s::bigint[]) AND status IN ('ON_HAND', 'EXPECTED')
"""

# Reservations first, then the promises they are of: goods are locked before books everywhere.
_FREE = """
WITH may_keep AS ({may_keep}),
ranked AS (
    SELECT kept.id, kept.quant_id, kept.quantity,
        sum(kept.quantity) OVER (PARTITION BY kept.promise_id ORDER BY kept.id) - may_keep.rest AS beyond
    FROM warehousing_reservation kept JOIN may_keep ON may_keep.id = kept.promise_id WHERE kept.status = 'ACTIVE'
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
"""
_LOWER = """
WITH may_keep AS ({may_keep}),
cuts AS (
    SELECT promise.id, promise.demand_id, may_keep.rest, promise.quantity - promise.picked - may_keep.rest AS cut
    FROM warehousing_promise promise JOIN may_keep ON may_keep.id = promise.id
    WHERE promise.quantity - promise.picked > may_keep.rest
)
UPDATE warehousing_promise promise SET
    quantity = CASE WHEN promise.picked + cuts.rest = 0 THEN promise.quantity ELSE promise.picked + cuts.rest END,
    status = CASE WHEN cuts.rest > 0 THEN promise.status WHEN promise.picked > 0 THEN 'FULFILLED' ELSE %(status)s END
FROM cuts WHERE promise.id = cuts.id
RETURNING cuts.demand_id, cuts.cut, promise.purchase_order_id IS NOT NULL
"""
# What has no goods of each promise may be given up, of the newest first, as far as something is missing.
_IDLE = """
    SELECT idle.id, idle.open - greatest(0, least(idle.units, given.missing - idle.before))::bigint AS rest
    FROM unnest(%(keys)s::bigint[], %(missing)s::bigint[]) AS given(demand_id, missing)
    JOIN (
        SELECT id, demand_id, open, units, sum(units) OVER (PARTITION BY demand_id ORDER BY id DESC) - units AS before
        FROM (
            SELECT promise.id, promise.demand_id, promise.quantity - promise.picked AS open,
                promise.quantity - promise.picked - coalesce((
                    SELECT sum(kept.quantity) FROM warehousing_reservation kept
                    WHERE kept.promise_id = promise.id AND kept.status = 'ACTIVE'), 0) AS units
            FROM warehousing_promise promise
            WHERE promise.demand_id = ANY(%(keys)s::bigint[]) AND promise.status = 'ON_HAND') promised) idle
        USING (demand_id)
"""
_LAPSED = """
SELECT id FROM warehousing_promise
WHERE status IN ('ON_HAND', 'EXPECTED') AND expires_at <= %(at)s ORDER BY id LIMIT %(most)s
"""


def hold(giving_ids: Collection[int], demand_ids: Collection[int]) -> None:
    """Lock the goods some demands may give back, then the books of all products these demands want.

    For who takes promises back and makes new ones in one unit of work: goods before books, each in key order.
    """
    lock(
        Quant.objects.filter(reservations__demand_id__in=giving_ids, reservations__status="ACTIVE").only("pk")
    )
    products = Demand.objects.filter(pk__in=demand_ids).values("product_id")
    lock(PromiseBook.objects.filter(product_id__in=products).only("pk"))


_UNUSED = """
SELECT kept.id FROM warehousing_reservation kept
WHERE kept.status = 'ACTIVE' AND kept.expires_at <= %(at)s AND NOT EXISTS (
    SELECT FROM warehousing_picktask task WHERE task.reservation_id = kept.id AND task.status <> 'CANCELLED')
ORDER BY kept.id LIMIT %(most)s
"""
_GIVE_BACK = """
WITH given AS (
    UPDATE warehousing_reservation kept SET status = 'RELEASED'
    WHERE kept.id = ANY(%(keys)s::bigint[]) AND kept.status = 'ACTIVE' AND kept.expires_at <= %(at)s AND NOT EXISTS (
        SELECT FROM warehousing_picktask task WHERE task.reservation_id = kept.id AND task.status <> 'CANCELLED')
    RETURNING kept.quant_id, kept.quantity)
UPDATE warehousing_quant quant SET reserved = quant.reserved - total.quantity
FROM (SELECT quant_id, sum(quantity)::bigint AS quantity FROM given GROUP BY quant_id) total
WHERE quant.id = total.quant_id
"""


@unit_of_work()
def trim(demand_ids: Collection[int]) -> dict[int, int]:
    """Take back what is promised beyond the demands' present quantities, newest first; return demand -> released.

    A cancelled demand keeps nothing but what is picked already. Reserved goods and open pick tasks follow.
    """
    keys = list(demand_ids)
    lock(Demand.objects.filter(pk__in=keys).only("pk"))
    lock(Quant.objects.filter(reservations__demand_id__in=keys, reservations__status="ACTIVE").only("pk"))
    return _give_back(_WANTED, {"keys": keys, "status": "RELEASED"})


@unit_of_work()
def release(promise_ids: Collection[int], *, status: str = "RELEASED") -> dict[int, int]:
    """Take promises back as far as they are not picked; return demand -> released."""
    keys = list(promise_ids)
    lock(Demand.objects.filter(promises__in=keys).only("pk"))
    lock(Quant.objects.filter(reservations__promise__in=keys, reservations__status="ACTIVE").only("pk"))
    return _give_back(_NOTHING, {"keys": keys, "status": status})


def forgo(missing: Mapping[int, int]) -> dict[int, Forgone]:
    """Give up promises of demands as far as no goods are reserved for them; demand -> what was given up.

    `missing` says how much is nowhere, demand -> base units. The caller holds the demands. One statement.
    """
    if not missing:
        return {}
    given = {"keys": list(missing), "missing": list(missing.values()), "status": "RELEASED"}
    forgone: dict[int, Forgone] = {}
    for key, cut, is_supplied in fetch(_LOWER.format(may_keep=_IDLE), given):
        before = forgone.get(key, Forgone(0, 0))
        forgone[key] = (
            replace(before, supplied=before.supplied + cut)
            if is_supplied
            else replace(before, from_stock=before.from_stock + cut)
        )
    return forgone


@unit_of_work()
def lapse(*, at: datetime, most: int = 5_000) -> int:
    """Take back promises whose time is over, at most so many at once; return how many."""
    keys = [key for (key,) in fetch(_LAPSED, {"at": at, "most": most})]
    if keys:
        release(keys, status="LAPSED")
    return Promise.objects.filter(pk__in=keys, status__in=["LAPSED", "FULFILLED"]).count()


@unit_of_work()
def lapse_reservations(*, at: datetime, most: int = 5_000) -> int:
    """Give back goods that were chosen for a time that is over and that nobody was sent for; return how many.

    Their promises stay; the next wave chooses anew.
    """
    keys = [key for (key,) in fetch(_UNUSED, {"at": at, "most": most})]
    lock(Demand.objects.filter(reservations__in=keys).only("pk"))
    lock(Quant.objects.filter(reservations__in=keys).only("pk"))
    return execute(_GIVE_BACK, {"at": at, "keys": keys}) if keys else 0


def _give_back(may_keep: str, given: dict[str, Any]) -> dict[int, int]:
    execute(_FREE.format(may_keep=may_keep), given)
    released: dict[int, int] = {}
    for demand_id, cut, _ in fetch(_LOWER.format(may_keep=may_keep), given):
        released[demand_id] = released.get(demand_id, 0) + cut
    return released
