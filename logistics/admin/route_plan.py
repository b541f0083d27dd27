"""Route plans: how far they are, what they cost over time, what they change, and the buttons that decide on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core.actor import Actor
from logistics import states
from logistics.models import RoutePlan
from logistics.selectors import route_plan as route_plans
from logistics.services import route_plan

CHANGES = {
    "moved": gettext_lazy("moved to another vehicle"),
    "reordered": gettext_lazy("in another order"),
    "retimed": gettext_lazy("at another time"),
    "added": gettext_lazy("added"),
    "dropped": gettext_lazy("left out"),
}


@admin.register(RoutePlan, site=operator_site)
class RoutePlans(ReadOnlyAdmin):
    """The plans that were asked for."""

    nav = Nav("carry", 6, "conversion_path")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("warehouse_site.name", gettext_lazy("Warehouse")),
        columns.day("day", gettext_lazy("Day"), "day"),
        columns.status(),
        columns.quantity("shipments", gettext_lazy("Shipments")),
        columns.text("asked_by", gettext_lazy("Asked by")),
        columns.moment("created_at", gettext_lazy("Asked"), "created_at"),
    )
    list_filter = ("status", "warehouse_site")
    search_fields = ("number__startswith",)
    buttons = ("accept", "again", "cancel")

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return what the selector shows."""
        return route_plans.visible(actor)

    def detail_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Show a plan; while it is worked the page comes again by itself."""
        response = super().detail_view(request, object_id)
        at_work = route_plans.visible(actor_of(request)).filter(status__in=(states.QUEUED, states.RUNNING))
        if at_work.filter(pk=object_id).exists():
            response["Refresh"] = "3"
        return response

    def facts(self, request: HttpRequest, obj: RoutePlan) -> Iterable[Fact]:
        """Say what was asked, how far it is and what came of it."""
        yield Fact(_("Warehouse"), obj.warehouse_site.name)
        yield Fact(_("Day"), cells.day(obj.day))
        yield Fact(_("Asked by"), obj.asked_by)
        yield Fact(_("Shipments"), cells.quantity(obj.shipments))
        yield Fact(_("Vehicles"), cells.quantity(obj.vehicles))
        yield Fact(_("Time to plan"), _("%(seconds)d s") % {"seconds": obj.seconds})
        yield Fact(
            _("Progress"), cells.progress(obj.percent, 100, _("%(percent)d %%") % {"percent": obj.percent})
        )
        if obj.memory_mb:
            yield Fact(_("Memory"), _("%(memory)d MB") % {"memory": obj.memory_mb})
        for name, words in CHANGES.items():
            if obj.changes.get(name):
                yield Fact(words, cells.quantity(len(obj.changes[name])))
        if obj.fault:
            yield Fact(_("What went wrong"), obj.fault)
        board = (
            f"{reverse('operator:dispatch_board')}?warehouse={obj.warehouse_site.code}&day={obj.day:%Y-%m-%d}"
        )
        yield Fact(_("Board"), cells.link(_("Open the dispatch board"), board))

    def tables(self, request: HttpRequest, obj: RoutePlan) -> Iterable[Table]:
        """Show the best cost over time, and what the verifier found."""
        rows = [
            (f"{point['seconds']:.1f}", cells.money(point["cost"], obj.currency), point["left_out"])
            for point in obj.costs
        ]
        heads = headings((_("Seconds"),), (_("Cost"),), (_("Left out"),))
        yield Table(_("Best plan over time"), heads, rows, empty=_("No plan yet."))
        if obj.findings:
            yield Table(_("What the verifier found"), headings(_("Rule")), [(one,) for one in obj.findings])

    @service_action(gettext_lazy("Accept"), verb="accept", confirm=gettext_lazy("Its trips are planned."))
    def accept(self, call: Call) -> Any:
        """Make trips of it."""
        made = route_plan.accept(call.obj.pk, by=call.by, at=call.at)
        return _("%(trips)d trips are planned.") % {"trips": len(made.trips)}

    @service_action(gettext_lazy("Plan again"), verb="again")
    def again(self, call: Call) -> Any:
        """Ask for what waits now."""
        route_plan.again(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s is planned again.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Call off"), verb="cancel", danger=True)
    def cancel(self, call: Call) -> Any:
        """Call it off."""
        route_plan.cancel(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s is called off.") % {"number": call.obj.number}
