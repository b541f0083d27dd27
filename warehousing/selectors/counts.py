"""Rounds of counting, and what a scan at a shelf means."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from b2b.core.actor import Actor
from b2b.core.errors import Invalid, NotFound, Problem
from warehousing.models import CountLine, CycleCount, Location, StockStatus
from warehousing.selectors import scanned

# What a scan may leave open, what is meant then where it is expected, and what it is called outside.
_USUAL: Final[dict[str, Any]] = {
    "stock_status": StockStatus.AVAILABLE,
    "owner_id": None,
    "handling_unit_id": None,
    "lot_id": None,
}
_CALLED: Final = {
    "stock_status": ("stock_status", "stock statuses"),
    "owner_id": ("owner", "owners"),
    "handling_unit_id": ("sscc", "handling units"),
    "lot_id": ("lot_number", "lots"),
}


def rounds(actor: Actor) -> QuerySet[CycleCount]:
    """Return rounds of counting, newest first; only operators see them."""
    return CycleCount.objects.visible_to(actor).select_related("warehouse").order_by("-pk")


def rounds_with_lines(actor: Actor) -> QuerySet[CycleCount]:
    """Return rounds with their lines in walking order."""
    lines = CountLine.objects.select_related("location", "product", "lot", "owner", "handling_unit")
    return rounds(actor).prefetch_related(Prefetch("lines", lines.order_by("line_number")))


def one(actor: Actor, count_id: UUID) -> CycleCount:
    """Return a round with its lines.

    :raises NotFound: when there is none, or it is not the actor's to see.
    """
    return _found(rounds_with_lines(actor), count_id)


def head(actor: Actor, count_id: UUID) -> CycleCount:
    """Return a round without its lines, of which a house has thousands. :raises NotFound: as `one`."""
    return _found(rounds(actor), count_id)


def _found(chosen: QuerySet[CycleCount], count_id: UUID) -> CycleCount:
    found = chosen.filter(pk=count_id).first()
    if found is None:
        raise NotFound("there is no such count")
    return found


def places(actor: Actor, warehouse_id: int, codes: list[str]) -> list[int]:
    """Return the keys of places named by code.

    :raises Invalid: naming every code that is unknown.
    """
    known = dict(Location.objects.filter(warehouse_id=warehouse_id, code__in=codes).values_list("code", "pk"))
    problems = [
        Problem("unknown_location", f"there is no place {code} here", f"/locations/{index}")
        for index, code in enumerate(codes)
        if code not in known or not actor.sees_all
    ]
    if problems:
        raise Invalid("The count names places that are unknown.", problems=problems)
    return [known[code] for code in codes]


def key_scanned(
    actor: Actor,
    count_id: UUID,
    *,
    location: str,
    goods: str,
    lot_number: str = "",
    sscc: str = "",
    owner: str = "",
    stock_status: str = "",
) -> dict[str, Any]:
    """Return the key of stock that was scanned in a round, by field of its lines.

    What the scan leaves open is what the round expects at the place: a shelf with a dealer's goods alone needs no
    owner. Where it expects several, available loose goods of the platform without a lot are meant, if they are there.

    :raises NotFound: when there is no such round.
    :raises Invalid: for what is unknown, or for what has to be said because several are expected.
    """
    held = head(actor, count_id)
    named = scanned.resolve(
        held.warehouse_id, location=location, goods=goods, lot_number=lot_number, sscc=sscc, owner=owner
    )
    where = {"location_id": named.location_id, "product_id": named.product_id}
    key = {
        "stock_status": stock_status or StockStatus.AVAILABLE,
        "owner_id": named.owner_id,
        "handling_unit_id": named.handling_unit_id,
        "lot_id": named.lot_id,
    }
    said = {"stock_status": stock_status, "owner_id": owner, "handling_unit_id": sscc, "lot_id": lot_number}
    fitting: list[dict[str, Any]] = [
        line
        for line in held.lines.filter(**where).values(*_USUAL)
        if all(line[name] == key[name] for name in key if said[name])
    ]
    for name, usual in _USUAL.items():
        if not said[name]:
            fitting = [line for line in fitting if line[name] == usual] or fitting
    open_ = [name for name in _USUAL if len({line[name] for line in fitting}) > 1]
    if open_:
        problems = [
            Problem(
                "say_which",
                f"{goods} of several {_CALLED[name][1]} is expected at {location}",
                f"/{_CALLED[name][0]}",
                remedy=f"say {_CALLED[name][0]}",
            )
            for name in open_
        ]
        raise Invalid("The scan does not say which goods were counted.", problems=problems)
    return {**where, **(fitting[0] if fitting else key)}
