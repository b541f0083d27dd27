"""Where vehicles are, and what they told that nobody believed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from b2b.admin import cells, columns
from b2b.admin.actions import Call, list_action, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact
from b2b.core import clock
from b2b.core.actor import Actor
from logistics.models import QuarantinedFix, VehicleMirror
from logistics.policies.positions import REASONS
from logistics.selectors import positions
from logistics.services import quarantine


@admin.register(VehicleMirror, site=operator_site)
class Mirrors(ReadOnlyAdmin):
    """Where each vehicle was seen last."""

    nav = Nav("carry", 42, "share_location")
    ordering = ("-fix_at",)
    list_display = (
        columns.text("vehicle.code", gettext_lazy("Vehicle"), "vehicle__code"),
        columns.text("carrier.name", gettext_lazy("Carrier"), "carrier__name"),
        columns.moment("fix_at", gettext_lazy("Seen"), "fix_at"),
        "age",
        "place",
        "speed",
    )
    search_fields = ("vehicle__code__startswith", "carrier__code__startswith")

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the newest position of each vehicle."""
        return positions.visible(actor)

    @admin.display(description=gettext_lazy("How long ago"))
    def age(self, obj: VehicleMirror) -> str:
        """Say how old the position is."""
        return cells.left(obj.fix_at, clock.now())

    @admin.display(description=gettext_lazy("Place"))
    def place(self, obj: VehicleMirror) -> str:
        """Write the position."""
        return f"{obj.latitude:.5f}, {obj.longitude:.5f}"

    @admin.display(description=gettext_lazy("Speed, km/h"))
    def speed(self, obj: VehicleMirror) -> str:
        """Write the speed, if it was told."""
        return cells.NOTHING if obj.speed_kmh is None else f"{obj.speed_kmh:.0f}"

    def facts(self, request: HttpRequest, obj: VehicleMirror) -> Iterable[Fact]:
        """Say where it is and since when that is known."""
        yield Fact(_("Vehicle"), str(obj.vehicle))
        yield Fact(_("Carrier"), obj.carrier.name)
        yield Fact(_("Seen"), cells.moment(obj.fix_at))
        yield Fact(_("Received"), cells.moment(obj.received_at))
        yield Fact(_("Place"), self.place(obj))
        yield Fact(_("Speed, km/h"), self.speed(obj))


class IsUndecided(admin.SimpleListFilter):
    """What waits for a decision, unless all are asked for."""

    title = gettext_lazy("decision")
    parameter_name = "decision"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer what is decided as well."""
        return [("all", gettext_lazy("All"))]

    def queryset(self, request: HttpRequest, rows: Any) -> Any:
        """Leave out what is decided."""
        return rows if self.value() == "all" else rows.filter(decision=None)


@admin.register(QuarantinedFix, site=operator_site)
class Quarantine(ReadOnlyAdmin):
    """Positions that were refused, and why."""

    nav = Nav("carry", 44, "wrong_location")
    ordering = ("-pk",)
    list_display = (
        "vehicle_code",
        columns.text("carrier.name", gettext_lazy("Carrier")),
        "why",
        columns.moment("received_at", gettext_lazy("Received"), "received_at"),
        columns.status(gettext_lazy("Decision"), name="decided"),
    )
    list_filter = (IsUndecided, "reason")
    search_fields = ("vehicle_code__startswith",)
    buttons = ("release", "discard")
    actions = ("release_all", "discard_all")

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return what was refused, with the decision."""
        return positions.quarantined(actor).select_related("carrier", "decision")

    def status_of(self, obj: QuarantinedFix) -> str:
        """Show the decision beside the title."""
        return obj.decided

    @admin.display(description=gettext_lazy("Why"))
    def why(self, obj: QuarantinedFix) -> str:
        """Say what is wrong and what to do."""
        return REASONS.get(obj.reason, obj.reason)

    def facts(self, request: HttpRequest, obj: QuarantinedFix) -> Iterable[Fact]:
        """Say what came, from whom, and why nobody believes it."""
        yield Fact(_("Vehicle"), obj.vehicle_code or cells.NOTHING)
        yield Fact(_("Carrier"), obj.carrier.name if obj.carrier else cells.NOTHING)
        yield Fact(_("Why"), self.why(obj))
        yield Fact(_("Received"), cells.moment(obj.received_at))
        yield Fact(_("As it came"), cells.code(obj.content))

    @service_action(gettext_lazy("Keep it after all"), when=lambda fix: not fix.decided)
    def release(self, call: Call) -> Any:
        """Believe it."""
        quarantine.release([call.obj.pk], by=call.by, at=call.at)
        return _("The position is kept.")

    @service_action(gettext_lazy("Throw it away"), when=lambda fix: not fix.decided, danger=True)
    def discard(self, call: Call) -> Any:
        """Throw it away."""
        quarantine.discard([call.obj.pk], by=call.by, at=call.at)
        return _("The position is thrown away.")

    @list_action(gettext_lazy("Keep after all"))
    def release_all(self, call: Call) -> Any:
        """Believe the chosen ones."""
        done = quarantine.release(list(call.obj.values_list("pk", flat=True)), by=call.by, at=call.at)
        said = ngettext("%(count)d position is kept.", "%(count)d positions are kept.", done.decided)
        return said % {"count": done.decided}

    @list_action(gettext_lazy("Throw away"))
    def discard_all(self, call: Call) -> Any:
        """Throw the chosen ones away."""
        done = quarantine.discard(list(call.obj.values_list("pk", flat=True)), by=call.by, at=call.at)
        said = ngettext(
            "%(count)d position is thrown away.", "%(count)d positions are thrown away.", done.decided
        )
        return said % {"count": done.decided}
