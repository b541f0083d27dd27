"""Warehouses and the places in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from warehousing.models import Warehouse
from warehousing.services import cycle_count, wave


@admin.register(Warehouse, site=operator_site)
class Warehouses(ReadOnlyAdmin):
    """The houses of the platform, and the button that sends pickers."""

    nav = Nav("stock", 5, "warehouse")
    ordering = ("code",)
    list_display = (
        "code",
        "name",
        columns.text("site.code", gettext_lazy("Site")),
        columns.quantity("priority", gettext_lazy("Priority")),
        "is_active",
    )
    list_select_related = ("site",)
    detail_select_related = ("site",)
    buttons = ("release_wave", "open_count")

    def facts(self, request: HttpRequest, obj: Warehouse) -> Iterable[Fact]:
        """Say what the house can do."""
        yield Fact(_("Site"), str(obj.site))
        yield Fact(_("GS1 company prefix"), cells.code(obj.gs1_prefix))
        yield Fact(
            _("Largest package"), _("%(weight)s kg") % {"weight": cells.kilograms(obj.package_weight_g)}
        )
        yield Fact(_("Over-receipt tolerance"), f"{obj.over_receipt_percent} %")

    def tables(self, request: HttpRequest, obj: Warehouse) -> Iterable[Table]:
        """Show the places."""
        yield paged(
            request,
            obj.locations.order_by("kind", "aisle", "bay", "code"),
            _("Places"),
            headings(_("Code"), _("Kind"), (_("Aisle"),), (_("Bay"),)),
            lambda place: (place.code, place.get_kind_display(), place.aisle, place.bay),
        )

    @service_action(
        gettext_lazy("Release a wave"),
        confirm=gettext_lazy("Send pickers for everything that is reserved here and not yet being picked."),
    )
    def release_wave(self, call: Call) -> Any:
        """Send pickers."""
        made = wave.release(call.obj.pk, by=call.by, at=call.at)
        return _("Wave %(number)s is on the floor.") % {"number": made.number}

    @service_action(
        gettext_lazy("Open a count"),
        confirm=gettext_lazy(
            "Have everything counted that the books say stands here; work goes on meanwhile."
        ),
    )
    def open_count(self, call: Call) -> Any:
        """Open a round of counting."""
        made = cycle_count.open_round(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s is open: %(lines)s lines to count.") % {
            "number": made.number,
            "lines": made.lines.count(),
        }
