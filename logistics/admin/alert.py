"""Alerts of trips: what is wrong on the road, for how long, and who looks after it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact
from b2b.core import clock
from logistics.models import TripAlert
from logistics.services import watch


class IsOpen(admin.SimpleListFilter):
    """Open ones, unless all are asked for."""

    title = gettext_lazy("open")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer what is over as well."""
        return [("all", gettext_lazy("All"))]

    def queryset(self, request: HttpRequest, rows: Any) -> Any:
        """Leave out what is over."""
        return rows if self.value() == "all" else rows.filter(cleared_at__isnull=True)


@admin.register(TripAlert, site=operator_site)
class Alerts(ReadOnlyAdmin):
    """What is wrong on the road."""

    nav = Nav("carry", 25, "warning")
    ordering = ("raised_at",)
    list_display = (
        columns.text("trip.number", gettext_lazy("Trip"), "trip__number"),
        columns.status(gettext_lazy("What"), name="kind"),
        columns.text("stop.site_name", gettext_lazy("Stop")),
        columns.text("carrier.name", gettext_lazy("Carrier"), "carrier__name"),
        columns.moment("raised_at", gettext_lazy("Since"), "raised_at"),
        columns.text("owner.username", gettext_lazy("Owner")),
        columns.moment("cleared_at", gettext_lazy("Over")),
    )
    list_select_related = ("trip", "stop", "carrier", "owner")
    list_filter = (IsOpen, "kind")
    search_fields = ("trip__number__startswith", "carrier__code__startswith")
    detail_select_related = ("trip", "stop", "carrier", "owner")
    buttons = ("take",)

    def facts(self, request: HttpRequest, obj: TripAlert) -> Iterable[Fact]:
        """Say what is wrong, since when, and who looks after it."""
        trip = reverse("operator:logistics_trip_change", args=[obj.trip_id])
        yield Fact(_("Trip"), cells.link(obj.trip.number, trip))
        yield Fact(_("What"), obj.get_kind_display())
        if obj.kind == TripAlert.Kind.OFF_ROUTE:
            yield Fact(_("Detour"), _("%(distance)s km") % {"distance": cells.kilometres(obj.figure)})
        else:
            yield Fact(_("When it was raised"), _("%(minutes)d min") % {"minutes": obj.figure // 60})
        if obj.stop is not None:
            yield Fact(_("Stop"), str(obj.stop))
        yield Fact(_("Carrier"), obj.carrier.name)
        yield Fact(_("Since"), cells.left(obj.raised_at, clock.now()))
        yield Fact(_("Owner"), str(obj.owner) if obj.owner else cells.NOTHING)
        yield Fact(_("Over"), cells.moment(obj.cleared_at))

    @service_action(gettext_lazy("Take it"), when=lambda alert: alert.cleared_at is None)
    def take(self, call: Call) -> Any:
        """Look after it."""
        watch.take(call.obj.pk, by=call.by)
        return _("It is yours.")
