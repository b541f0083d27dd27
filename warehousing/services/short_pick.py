"""Tell what a picker did not find."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Sum

from b2b.contracts.warehousing import PickedShort
from b2b.outbox.publish import publish
from warehousing.models import PickTask, Reservation, Wave


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
