"""What stood where at any moment, as it was or as it was known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from b2b.catalog.models import Product
from b2b.core.actor import Actor
from b2b.core.errors import Invalid, Problem
from b2b.db.bulk import fetch, fetch_value
from b2b.directory.models import Organization
from warehousing.models import Location, Lot

# Whole months from their sums; legs only of the months the two moments cut, and of those not closed yet.
BALANCE = """
SELECT coalesce(sum(part.quantity), 0)::bigint FROM (
    SELECT sum(quantity) AS quantity FROM warehousing_stockperiodchange
    WHERE product_id = %(product_id)s AND location_id = %(location_id)s {whose}
        AND recorded_month < %(summed)s::date AND effective_month < %(month)s::date
    UNION ALL
    SELECT sum(quantity) FROM warehousing_stockledgerentry
    WHERE product_id = %(product_id)s AND location_id = %(location_id)s {whose}
        AND effective_at < %(month)s AND recorded_at >= %(summed)s AND recorded_at <= %(known_at)s
    UNION ALL
    SELECT sum(quantity) FROM warehousing_stockledgerentry
    WHERE product_id = %(product_id)s AND location_id = %(location_id)s {whose}
        AND effective_at >= %(month)s AND effective_at <= %(at)s AND recorded_at <= %(known_at)s
) part
"""

SUMMED = "SELECT max(month) + interval '1 month' FROM warehousing_stockperiod"

EVER = datetime(9999, 1, 1, tzinfo=UTC)
NEVER = datetime(1, 1, 1, tzinfo=UTC)


# The same by key of stock, for all places asked for.
BALANCES = """
SELECT part.location_id, part.lot_id, part.owner_id, part.status, sum(part.quantity)::bigint FROM (
    SELECT location_id, lot_id, owner_id, status, quantity FROM warehousing_stockperiodchange
    WHERE product_id = %(product_id)s AND location_id = ANY(%(location_ids)s::bigint[]) {whose}
        AND recorded_month < %(summed)s::date AND effective_month < %(month)s::date
    UNION ALL
    SELECT location_id, lot_id, owner_id, status, quantity FROM warehousing_stockledgerentry
    WHERE product_id = %(product_id)s AND location_id = ANY(%(location_ids)s::bigint[]) {whose}
        AND effective_at < %(month)s AND recorded_at >= %(summed)s AND recorded_at <= %(known_at)s
    UNION ALL
    SELECT location_id, lot_id, owner_id, status, quantity FROM warehousing_stockledgerentry
    WHERE product_id = %(product_id)s AND location_id = ANY(%(location_ids)s::bigint[]) {whose}
        AND effective_at >= %(month)s AND effective_at <= %(at)s AND recorded_at <= %(known_at)s
) part
GROUP BY part.location_id, part.lot_id, part.owner_id, part.status HAVING sum(part.quantity) <> 0
"""


@dataclass(frozen=True, slots=True)
class Held:
    """What a place held of one key of stock, base units."""

    location: Location
    lot: Lot | None
    owner: Organization | None
    stock_status: str
    quantity: int


def balance(
    actor: Actor, *, product_id: int, location_id: int, at: datetime, known_at: datetime | None = None
) -> int:
    """Return what a location held of a product at a moment, base units; virtual places may hold less than 0.

    With `known_at` as the ledger knew it then: what was recorded later, back-dated or not, does not count. Two
    statements; the cost grows with the months and with the legs of the place in the two months that are cut.
    """
    if not actor.sees_all and actor.organization_id is None:
        return 0
    given = {"product_id": product_id, "location_id": location_id, **_moments(actor, at, known_at)}
    return int(fetch_value(BALANCE.format(whose=_whose(actor)), given))


def stock(
    actor: Actor,
    *,
    sku: str,
    warehouse: str,
    location: str = "",
    at: datetime,
    known_at: datetime | None = None,
) -> list[Held]:
    """Return what the real places of a warehouse, or one of them, held of a product at a moment, in walking order.

    Operators see all of it, owners of goods their own; `known_at` as in `balance`. Six statements.

    :raises Invalid: saying everything that is unknown at once.
    """
    product = Product.objects.filter(sku=sku).first()
    named = Location.objects.select_related("warehouse").filter(warehouse__code=warehouse)
    places = {
        place.pk: place
        for place in (named.filter(code=location) if location else named).exclude(kind__in=Location.VIRTUAL)
    }
    problems = []
    if product is None:
        problems.append(Problem("unknown_product", f"there is no product {sku}", "/sku"))
    if not places:
        problems.append(
            Problem("unknown_location", f"{warehouse} has no place {location}".strip(), "/location")
        )
    if product is None or problems:
        raise Invalid("The question names things that are unknown.", problems=problems)
    if not actor.sees_all and actor.organization_id is None:
        return []
    given = {"product_id": product.pk, "location_ids": list(places), **_moments(actor, at, known_at)}
    rows = fetch(BALANCES.format(whose=_whose(actor)), given)
    lots = Lot.objects.in_bulk({lot_id for _, lot_id, *_ in rows if lot_id})
    owners = Organization.objects.in_bulk({owner_id for _, _, owner_id, *_ in rows if owner_id})
    found = [
        Held(places[key], lots.get(lot_id), owners.get(owner_id), status, quantity)
        for key, lot_id, owner_id, status, quantity in rows
    ]
    return sorted(found, key=lambda one: (one.location.walk_sequence, one.location.code, str(one.lot or "")))


def _moments(actor: Actor, at: datetime, known_at: datetime | None) -> dict[str, Any]:
    until = known_at or EVER
    closed = fetch_value(SUMMED)
    return {
        "month": _month(at),
        "summed": min(closed.replace(tzinfo=UTC), _month(until)) if closed else NEVER,
        "at": at,
        "known_at": until,
        "owner_id": actor.organization_id,
    }


def _whose(actor: Actor) -> str:
    return "" if actor.sees_all else "AND owner_id = %(owner_id)s"


def _month(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
