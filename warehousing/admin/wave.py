"""Waves: goods released to the floor together, picked, packed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Sum
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from warehousing.models import Wave
from warehousing.services import packing, picking, wave

PICKED_TASKS = 500


def pick_form(request: HttpRequest, picked: Wave) -> type[forms.Form]:
    """Return a form that asks how much of each open task was found."""
    fields: dict[str, forms.Field] = {}
    tasks = picked.tasks.filter(status="OPEN").select_related("product", "source").order_by("task_number")
    for task in tasks[:PICKED_TASKS]:
        fields[f"task_{task.task_number}"] = forms.IntegerField(
            label=f"{task.task_number}. {task.source.code}: {task.product.name}",
            min_value=0, max_value=task.quantity, initial=task.quantity,
            help_text=_("asked: %(quantity)s") % {"quantity": cells.quantity(task.quantity)},
        )  # fmt: skip
    return type("PickForm", (forms.Form,), fields)


@admin.register(Wave, site=operator_site)
class Waves(ReadOnlyAdmin):
    """What is on the floor and what was."""

    nav = Nav("stock", 20, "conveyor_belt")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("warehouse.code", gettext_lazy("Warehouse")),
        columns.status(),
        columns.moment("created_at", gettext_lazy("Released"), "created_at"),
    )
    list_select_related = ("warehouse",)
    list_filter = ("status", "warehouse")
    search_fields = ("number__startswith",)
    detail_select_related = ("warehouse",)
    buttons = ("picked_in_full", "confirm_picks", "pack", "cancel")

    def facts(self, request: HttpRequest, obj: Wave) -> Iterable[Fact]:
        """Say how much is to be picked, and how much was."""
        sums = obj.tasks.aggregate(asked=Sum("quantity"), found=Sum("picked_quantity"))
        yield Fact(_("Warehouse"), str(obj.warehouse))
        yield Fact(_("Released"), cells.moment(obj.created_at))
        yield Fact(_("Asked"), cells.quantity(sums["asked"] or 0))
        yield Fact(_("Picked"), cells.quantity(sums["found"] or 0))

    def tables(self, request: HttpRequest, obj: Wave) -> Iterable[Table]:
        """Show the picks in the order of the walk, and the packages they became."""
        tasks = obj.tasks.select_related("product", "source", "lot", "demand__ship_to_site")
        yield paged(
            request,
            tasks.order_by("task_number"),
            _("Picks"),
            headings(
                _("Task"),
                _("Place"),
                _("Product"),
                _("Lot"),
                _("For"),
                (_("Asked"),),
                (_("Picked"),),
                _("Status"),
            ),
            lambda task: (
                task.task_number,
                task.source.code,
                cells.two_lines(task.product.name, task.product.sku),
                task.lot.number if task.lot else cells.NOTHING,
                task.demand.ship_to_site.name,
                cells.quantity(task.quantity),
                cells.quantity(task.picked_quantity),
                cells.badge(task.status, task.get_status_display()),
            ),
        )
        yield paged(
            request,
            obj.packages.select_related("ship_to_site").order_by("pk"),
            _("Packages"),
            headings(_("Package"), _("SSCC"), _("For"), (_("Weight, kg"),), _("Status")),
            lambda package: (
                cells.link(package.number, f"../../package/{package.pk}/"),
                cells.code(package.sscc),
                package.ship_to_site.name,
                cells.kilograms(package.weight_g),
                cells.badge(package.status, package.get_status_display()),
            ),
            parameter="packages",
            empty=_("Nothing is packed yet."),
        )

    @service_action(
        gettext_lazy("All picked"), verb="pick", confirm=gettext_lazy("Every open task was found in full.")
    )
    def picked_in_full(self, call: Call) -> Any:
        """Confirm every open task in full."""
        picking.confirm(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s is picked.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Confirm picks"), verb="pick", form=pick_form)
    def confirm_picks(self, call: Call) -> Any:
        """Confirm what was found."""
        found = {int(name.removeprefix("task_")): quantity for name, quantity in call.data.items()}
        picking.confirm(call.obj.pk, picked=found, by=call.by, at=call.at)
        return _("The picks of %(number)s are confirmed.") % {"number": call.obj.number}

    @service_action(gettext_lazy("Pack"), verb="pack")
    def pack(self, call: Call) -> Any:
        """Pack what was picked."""
        packages = packing.pack(call.obj.pk, by=call.by, at=call.at)
        return _("%(count)d packages are ready.") % {"count": len(packages)}

    @service_action(gettext_lazy("Call back"), verb="cancel", form=ReasonForm, danger=True)
    def cancel(self, call: Call) -> Any:
        """Call the pickers back."""
        made = wave.cancel(call.obj.pk, reason=call.data["reason"], by=call.by, at=call.at)
        told = {
            "CANCELLED": _("%(number)s is called back; the goods stay reserved."),
            "PICKED": _(
                "%(number)s is called back: what was picked is to be packed, the rest stays reserved."
            ),
        }
        return told[made.status] % {"number": made.number}
