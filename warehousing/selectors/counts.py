"""Rounds of counting, and what a scan at a shelf means."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from b2b.core.actor import Actor
from b2b.core.errors import Invalid, NotFound, Problem
from warehousing.models import CountLine, CycleCount, Location


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
    found = rounds_with_lines(actor).filter(pk=count_id).first()
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
