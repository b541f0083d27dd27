"""Goods that were promised and are nowhere: give the promise up, so that orders can plan anew, and tell them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Sum

from b2b.contracts.warehousing import PickedShort
from b2b.core.ids import uuid7
from b2b.outbox.publish import publish
from warehousing.models import Demand, Reservation, Warehouse
from warehousing.services import promise_release
from warehousing.services.promise_release import Forgone


def tell(warehouse: Warehouse, missed: Mapping[int, int], *, at: datetime) -> None:
    """Give up what is missing (demand -> base units) and could not be reserved elsewhere, and publish PickedShort.

    The caller has reserved again, and holds the demands. Constant statements besides the events.
    """
    kept = dict(
        Reservation.objects.filter(demand_id__in=missed, status__in=("ACTIVE", "PICKED"))
        .values_list("demand_id")
        .annotate(Sum("quantity"))
    )
    demands = Demand.objects.in_bulk(missed)
    lacking = {
        key: min(missed[key], demand.quantity - kept.get(key, 0))
        for key, demand in demands.items()
        if not demand.is_cancelled
    }
    publish_forgone(
        warehouse, promise_release.forgo({key: units for key, units in lacking.items() if units > 0}), at=at
    )


def publish_forgone(warehouse: Warehouse, forgone: Mapping[int, Forgone], *, at: datetime) -> None:
    """Publish PickedShort for what was promised to demands of a warehouse and is not any more."""
    demands = Demand.objects.in_bulk(forgone)
    events = [
        PickedShort(
            occurred_at=at,
            short_id=uuid7(),
            order_id=demands[key].order_id,
            order_line_id=demands[key].order_line_id,
            dealer_id=demands[key].dealer_id,
            product_id=demands[key].product_id,
            warehouse_site_id=warehouse.site_id,
            quantity=given.from_stock + given.supplied,
            supplied_quantity=given.supplied,
        )
        for key, given in sorted(forgone.items())
    ]
    publish(*events)
