"""What follows at the shelf when a picker did not find something: the place is counted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from b2b.core.actor import Actor
from warehousing.models import CountLine, Quant, Wave
from warehousing.services import cycle_count


def ask_for_count(wave: Wave, location_ids: Collection[int], *, by: Actor, at: datetime) -> None:
    """Open a count of places where a pick was short, unless one is open there or nothing is left by the books."""
    asked = CountLine.objects.filter(cycle_count__status="OPEN", location__in=location_ids)
    places = set(location_ids) - set(asked.values_list("location_id", flat=True))
    held = Quant.objects.filter(location__in=places, on_hand__gt=0).values_list("location_id", flat=True)
    if filled := set(held):
        cycle_count.open_round(wave.warehouse_id, location_ids=filled, by=by, at=at)
