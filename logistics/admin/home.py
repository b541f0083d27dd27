"""What logistics puts on the home pages."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from b2b.admin import cells
from b2b.admin.home import Card, Figure
from b2b.admin.sites import actor_of, dealer_site, operator_site
from b2b.admin.tables import Table, columns
from b2b.db.selectors import visible
from logistics import states
from logistics.models import Shipment, Trip

SHOWN = 6


@operator_site.home.figures(30)
def operator_figures(request: HttpRequest) -> Iterable[Figure]:
    """Count what waits for a vehicle, what is under way, and what failed."""
    shipments = visible(actor_of(request), Shipment)
    ready = shipments.filter(status=states.READY).count()
    yield Figure(
        _("Shipments to plan"),
        cells.quantity(ready),
        _("packed, no vehicle yet") if ready else _("nothing waits"),
        reverse("operator:plan_trips"),
        "warn" if ready else "",
    )
    trips = visible(actor_of(request), Trip)
    yield Figure(
        _("Trips to leave"),
        cells.quantity(trips.filter(status=states.PLANNED).count()),
        _("%(count)d on the road") % {"count": trips.filter(status=states.DEPARTED).count()},
        reverse("operator:logistics_trip_changelist"),
    )
    failed = shipments.filter(status=states.FAILED).count()
    if failed:
        yield Figure(
            _("Failed deliveries"),
            cells.quantity(failed),
            _("try again or take back"),
            reverse("operator:logistics_shipment_changelist") + f"?status__exact={states.FAILED}",
            "bad",
        )


@dealer_site.home.figures(30)
def dealer_figures(request: HttpRequest) -> Iterable[Figure]:
    """Count what is on its way."""
    under_way = visible(actor_of(request), Shipment).filter(
        status__in=(states.READY, states.PLANNED, states.IN_TRANSIT)
    )
    yield Figure(
        _("Arriving"),
        cells.quantity(under_way.count()),
        _("shipments packed or on their way"),
        reverse("dealer:logistics_shipment_changelist"),
    )


@dealer_site.home.card(40)
def last_deliveries(request: HttpRequest) -> Card:
    """Show what arrived last and what comes next."""
    shipments = visible(actor_of(request), Shipment).order_by("-pk")[:SHOWN]
    rows = [
        (
            cells.link(one.number, reverse("dealer:logistics_shipment_change", args=[one.pk])),
            one.ship_to_name,
            cells.badge(one.status, one.get_status_display()),
            cells.moment(one.delivered_at or one.planned_arrival_at),
        )
        for one in shipments
    ]
    table = Table(
        _("Deliveries"),
        columns(_("Shipment"), _("Ship to"), _("Status"), _("Arrives or arrived")),
        rows,
        empty=_("Nothing has been packed for you yet."),
        more_url=reverse("dealer:logistics_shipment_changelist"),
    )
    return Card(table.title, "b2b_admin/card_table.html", {"table": table})
