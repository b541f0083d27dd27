"""Trips: rounds of vehicles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from logistics import states
from logistics.models import Trip
from logistics.services import driver_pass
from logistics.services import trip as trips


@admin.register(Trip, site=operator_site)
class Trips(ReadOnlyAdmin):
    """The rounds of all vehicles."""

    nav = Nav("carry", 20, "route")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("carrier.name", gettext_lazy("Carrier"), "carrier__name"),
        columns.text("vehicle.code", gettext_lazy("Vehicle")),
        columns.status(),
        columns.moment("departs_at", gettext_lazy("Departs"), "departs_at"),
        columns.money("cost", gettext_lazy("Cost"), order="cost"),
    )
    list_select_related = ("carrier", "vehicle")
    list_filter = ("status", "warehouse_site")
    search_fields = ("number__startswith", "carrier__code__startswith")
    detail_select_related = ("carrier", "vehicle", "driver", "warehouse_site")
    buttons = ("depart", "driver_link", "cancel")

    def facts(self, request: HttpRequest, obj: Trip) -> Iterable[Fact]:
        """Say who drives what from where, and what it costs."""
        yield Fact(_("Carrier"), str(obj.carrier))
        yield Fact(_("Vehicle"), str(obj.vehicle))
        yield Fact(_("Driver"), obj.driver.name if obj.driver else cells.NOTHING)
        yield Fact(_("From"), obj.warehouse_site.name)
        yield Fact(_("Departs"), cells.moment(obj.departs_at))
        yield Fact(_("Back"), cells.moment(obj.returns_at))
        yield Fact(_("Distance"), _("%(distance)s km") % {"distance": cells.kilometres(obj.distance_m)})
        yield Fact(_("Empty"), _("%(distance)s km") % {"distance": cells.kilometres(obj.empty_m)})
        yield Fact(_("Load"), _("%(weight)s kg") % {"weight": cells.kilograms(obj.weight_g)})
        yield Fact(_("Cost"), cells.money(obj.cost, obj.currency))

    def tables(self, request: HttpRequest, obj: Trip) -> Iterable[Table]:
        """Show the stops in order, each with what is dropped there."""
        drops = obj.drops.select_related("stop", "shipment").order_by("stop__sequence", "pk")
        rows = [
            (
                drop.stop.sequence,
                cells.two_lines(drop.stop.site_name, drop.stop.address),
                cells.link(drop.shipment.number, f"../../shipment/{drop.shipment_id}/"),
                cells.moment(drop.stop.planned_arrival_at),
                cells.moment(drop.stop.actual_arrival_at),
                cells.badge(drop.outcome, drop.get_outcome_display()),
            )
            for drop in drops
        ]
        heads = headings(_("Stop"), _("Place"), _("Shipment"), _("Planned"), _("Arrived"), _("Outcome"))
        yield Table(_("Stops"), heads, rows)

    @service_action(
        gettext_lazy("Depart"),
        verb="depart",
        confirm=gettext_lazy("The vehicle leaves with all its shipments."),
    )
    def depart(self, call: Call) -> Any:
        """Let the trip leave."""
        trips.depart(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s has left.") % {"number": call.obj.number}

    @service_action(
        gettext_lazy("Link for the driver"),
        when=lambda trip: trip.status in (states.PLANNED, states.DEPARTED),
        confirm=gettext_lazy("Links to this trip that were given out before stop working."),
    )
    def driver_link(self, call: Call) -> Any:
        """Give out a link that opens this trip, and nothing else, on a telephone."""
        secret = driver_pass.issue(call.obj.pk, by=call.by, at=call.at)
        address = call.request.build_absolute_uri(reverse("drive", args=[secret]))
        return format_html("{} <code>{}</code>", _("Send this to the driver; it is shown only now:"), address)

    @service_action(gettext_lazy("Call off"), verb="cancel", form=ReasonForm, danger=True)
    def cancel(self, call: Call) -> Any:
        """Call the trip off."""
        trips.cancel(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is called off; its shipments wait for the next plan.") % {
            "number": call.obj.number
        }
