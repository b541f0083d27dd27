"""What follows when a picker did not find something: the place is counted, and the order hears."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Sum

from b2b.contracts.warehousing import PickedShort
from b2b.core.actor import Actor
from b2b.outbox.publish import publish
from warehousing.models import CountLine, PickTask, Quant, Reservation, Wave
from warehousing.services import cycle_count


def ask_for_count(wave: Wave, location_ids: Collection[int], *, by: Actor, at: datetime) -> None:
    """Open a count of places where a pick was short, unless one is open there or nothing is left by the books."""
    asked = CountLine.objects.filter(cycle_count__status="OPEN", location__in=location_ids)
    places = set(location_ids) - set(asked.values_list("location_id", flat=True))
    held = Quant.objects.filter(location__in=places, on_hand__gt=0).values_list("location_id", flat=True)
    if filled := set(held):
        cycle_count.open_round(wave.warehouse_id, location_ids=filled, by=by, at=at)


def tell(wave: Wave, missed: Mapping[int, int], *, at: datetime) -> None:
    """Publish PickedShort for what is missing (task -> quantity) and could not be reserved elsewhere.

    The caller has reserved again, and holds the demands.
    """
    tasks = PickTask.objects.filter(pk__in=missed).select_related("demand")
    short: dict[int, int] = {}
    demands = {}
    for task in tasks:
        demands[task.demand_id] = task.demand
        short[task.demand_id] = short.get(task.demand_id, 0) + missed[task.pk]
    kept = dict(
        Reservation.objects.filter(demand_id__in=short, status__in=("ACTIVE", "PICKED"))
        .values_list("demand_id")
        .annotate(Sum("quantity"))
    )
    events = []
    for key, demand in demands.items():
        lacking = min(short[key], demand.quantity - kept.get(key, 0))
        if lacking > 0:
            events.append(
                PickedShort(
                    occurred_at=at,
                    order_id=demand.order_id,
                    order_line_id=demand.order_line_id,
                    dealer_id=demand.dealer_id,
                    product_id=demand.product_id,
                    warehouse_site_id=wave.warehouse.site_id,
                    quantity=lacking,
                )
            )
    for event in events:
        publish(event)
