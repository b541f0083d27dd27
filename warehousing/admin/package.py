"""Packages: labelled units on their way out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
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
from warehousing.models import Package
from warehousing.selectors import package
from warehousing.services import pull


def pull_form(request: HttpRequest, obj: Package) -> type[forms.Form]:
    """Return a form that asks why, and knows it where something stops the package."""
    why = package.blocked([obj.pk]).get(obj.pk, "")
    field = forms.CharField(label=_("Reason"), max_length=200, initial=why[:200])
    return type("PullForm", (forms.Form,), {"reason": field})


@admin.register(Package, site=operator_site)
class Packages(ReadOnlyAdmin):
    """Cartons and pallets with their SSCC."""

    nav = Nav("stock", 50, "package_2")
    ordering = ("-pk",)
    list_display = (
        "number",
        "sscc",
        columns.text("dealer.name", gettext_lazy("Dealer"), "dealer__name"),
        columns.text("ship_to_site.name", gettext_lazy("Ship to")),
        columns.status(),
        columns.moment("created_at", gettext_lazy("Packed"), "created_at"),
    )
    list_select_related = ("dealer", "ship_to_site")
    list_filter = ("status", "warehouse")
    search_fields = ("number__startswith", "sscc__exact")
    detail_select_related = ("dealer", "ship_to_site", "wave", "warehouse")
    buttons = ("pull",)

    def facts(self, request: HttpRequest, obj: Package) -> Iterable[Fact]:
        """Say what it is and where it goes."""
        yield Fact(_("SSCC"), cells.code(obj.sscc))
        if why := package.blocked([obj.pk]).get(obj.pk):
            yield Fact(_("Must not leave"), why)
        yield Fact(_("Dealer"), str(obj.dealer))
        yield Fact(_("Ship to"), str(obj.ship_to_site))
        yield Fact(_("Wave"), cells.link(obj.wave, f"../../wave/{obj.wave_id}/"))
        yield Fact(_("Weight"), _("%(weight)s kg") % {"weight": cells.kilograms(obj.weight_g)})
        yield Fact(_("Needed by"), cells.day(obj.need_by_date))

    def tables(self, request: HttpRequest, obj: Package) -> Iterable[Table]:
        """Show what is in it."""
        yield paged(
            request,
            obj.lines.select_related("product", "lot").order_by("line_number"),
            _("Content"),
            headings(_("Product"), _("Lot"), (_("Quantity"),)),
            lambda line: (
                cells.two_lines(line.product.name, line.product.sku),
                line.lot.number if line.lot else cells.NOTHING,
                cells.quantity(line.quantity),
            ),
        )

    @service_action(gettext_lazy("Pull from shipment"), verb="pull", form=pull_form, danger=True)
    def pull(self, call: Call) -> Any:
        """Take it out of its shipment."""
        pull.pull([call.obj.sscc], reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is pulled; bring its goods back to their shelf.") % {"number": call.obj.number}
