"""Rounds of counting: what is to be counted, what was found, and the page for a scanner that types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import ROLES_THAT_ACT, Call, carry_out, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from warehousing.models import CycleCount, StockStatus
from warehousing.selectors import counts
from warehousing.services import cycle_count
from warehousing.states import COUNT_LINE_SETTLED

SCANNED = ("location", "goods", "lot_number", "sscc", "owner", "stock_status")


class CountForm(forms.Form):
    """What a scanner types, field by field: each scan ends with Enter, which leads on to the next field."""

    round = forms.ChoiceField(label=gettext_lazy("Round"))
    location = forms.CharField(label=gettext_lazy("Place"), max_length=32)
    goods = forms.CharField(label=gettext_lazy("Goods: SKU or GTIN"), max_length=40)
    lot_number = forms.CharField(label=gettext_lazy("Lot"), max_length=40, required=False)
    counted = forms.IntegerField(label=gettext_lazy("Counted, base units"), min_value=0, max_value=10**12)
    sscc = forms.CharField(label=gettext_lazy("Carton or pallet: SSCC"), max_length=18, required=False)
    owner = forms.CharField(label=gettext_lazy("Owner's code"), max_length=24, required=False)
    stock_status = forms.ChoiceField(
        label=gettext_lazy("Stock status"), choices=[("", "–"), *StockStatus.choices], required=False,
        help_text=gettext_lazy("Lot, unit, owner and status only where several are expected at the place."),
    )  # fmt: skip

    def __init__(self, *args: Any, rounds: list[CycleCount], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["round"].choices = [(str(one.pk), f"{one.number} {one.warehouse.code}") for one in rounds]
        focus = "goods" if self.initial.get("location") else "location"
        for name in ("location", "goods", "lot_number", "counted", "sscc", "owner"):
            self.fields[name].widget.attrs.update(autocomplete="off")
        for name in ("sscc", "owner"):  # Enter after the number sends the form
            self.fields[name].widget.attrs["data-optional"] = True
        self.fields[focus].widget.attrs["autofocus"] = True


@operator_site.page(
    "warehousing/count/", name="count_stock", nav=Nav("stock", 36, "barcode_scanner", gettext_lazy("Count"))
)
def count_stock(request: HttpRequest) -> HttpResponse:
    """Take down one count after the other."""
    actor = actor_of(request)
    rounds = list(counts.rounds(actor).filter(status="OPEN")[:100])
    started = {name: request.GET[name] for name in ("round", "location") if name in request.GET}
    form = CountForm(request.POST or None, rounds=rounds, initial=started)
    if request.method == "POST" and form.is_valid():
        if not actor.roles & ROLES_THAT_ACT:
            messages.error(request, _("Your role may look, but not act."))
        elif carry_out(request, _tell, form.cleaned_data["round"], form.cleaned_data):
            kept = {name: form.cleaned_data[name] for name in ("round", "location")}
            return HttpResponseRedirect(f"{reverse('operator:count_stock')}?{urlencode(kept)}")
    context = operator_site.page_context(request, _("Count"), form=form, rounds=rounds)
    return TemplateResponse(request, "warehousing/count.html", context)


def _tell(call: Call) -> str:
    given = call.data
    where = {name: given[name] for name in SCANNED}
    found = cycle_count.Found(counted=given["counted"], **counts.key_scanned(call.by, call.obj, **where))
    line = cycle_count.tell(call.obj, found, by=call.by, at=call.at)
    told = {
        "BOOKED": _("%(goods)s at %(place)s: taken down."),
        "RECOUNT": _("%(goods)s at %(place)s: please count again."),
        "HELD": _("%(goods)s at %(place)s: somebody else looks at it."),
    }
    return told[line.status] % {"goods": given["goods"], "place": given["location"]}


def held_form(request: HttpRequest, obj: CycleCount) -> type[forms.Form]:
    """Return a form that asks which held line, and why."""
    held = obj.lines.filter(status="HELD").select_related("product", "location").order_by("line_number")[:200]
    choices = [
        (
            line.line_number,
            f"{line.line_number}. {line.product.sku} @ {line.location.code}: {line.variance:+d}",
        )
        for line in held
    ]
    fields = {
        "line": forms.TypedChoiceField(label=_("Line"), coerce=int, choices=choices),
        "reason": forms.CharField(label=_("Reason"), max_length=200),
    }
    return type("HeldForm", (forms.Form,), fields)


@admin.register(CycleCount, site=operator_site)
class CycleCounts(ReadOnlyAdmin):
    """Rounds of counting."""

    nav = Nav("stock", 35, "fact_check")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("warehouse.code", gettext_lazy("Warehouse")),
        columns.status(),
        columns.text("reason", gettext_lazy("Adjusted because")),
        columns.moment("created_at", gettext_lazy("Opened"), "created_at"),
    )
    list_select_related = ("warehouse",)
    list_filter = ("status", "warehouse")
    search_fields = ("number__startswith",)
    detail_select_related = ("warehouse",)
    buttons = ("approve", "reject", "cancel")

    def facts(self, request: HttpRequest, obj: CycleCount) -> Iterable[Fact]:
        """Say what is let pass."""
        yield Fact(_("Warehouse"), str(obj.warehouse))
        if obj.reason:
            yield Fact(_("Adjusted because"), obj.reason)
        yield Fact(_("Counted again above"), f"{obj.tolerance_percent} %")
        yield Fact(_("Approved above"), cells.quantity(obj.approval_units))

    def tables(self, request: HttpRequest, obj: CycleCount) -> Iterable[Table]:
        """Show the lines; the books only once a count stands."""
        yield paged(
            request,
            obj.lines.select_related("product", "location", "lot").order_by("line_number"),
            _("Lines"),
            headings(
                _("Line"), _("Place"), _("Product"), _("Lot"), _("Status"), (_("Counts"),), (_("Expected"),),
                (_("Found"),), (_("Variance"),),
            ),
            lambda line: (
                line.line_number, line.location.code, cells.two_lines(line.product.name, line.product.sku),
                line.lot.number if line.lot else cells.NOTHING, cells.badge(line.status, line.get_status_display()),
                line.attempts, *_shown(line),
            ),
        )  # fmt: skip

    @service_action(
        gettext_lazy("Approve a variance"),
        form=held_form,
        when=lambda obj: obj.status == "OPEN" and obj.lines.filter(status="HELD").exists(),
    )
    def approve(self, call: Call) -> Any:
        """Believe a count."""
        cycle_count.approve(
            call.obj.pk, call.data["line"], reason=call.data["reason"], by=call.by, at=call.at
        )
        return _("The books say what was found.")

    @service_action(
        gettext_lazy("Have a line counted again"),
        form=held_form,
        when=lambda obj: obj.status == "OPEN" and obj.lines.filter(status="HELD").exists(),
    )
    def reject(self, call: Call) -> Any:
        """Do not believe a count."""
        cycle_count.reject(call.obj.pk, call.data["line"], reason=call.data["reason"], by=call.by)
        return _("The line is to be counted again.")

    @service_action(
        gettext_lazy("Give up the round"), verb="cancel", danger=True,
        confirm=gettext_lazy("What is not settled yet is not counted any more; what was booked stays."),
    )  # fmt: skip
    def cancel(self, call: Call) -> Any:
        """End the round."""
        cycle_count.cancel(call.obj.pk, by=call.by, at=call.at)
        return _("%(number)s is given up.") % {"number": call.obj.number}


def _shown(line: Any) -> tuple[Any, Any, Any]:
    if line.status not in COUNT_LINE_SETTLED or line.variance is None:
        return (cells.NOTHING, cells.NOTHING, cells.NOTHING)
    return (
        cells.quantity(line.expected_quantity),
        cells.quantity(line.counted_quantity),
        f"{line.variance:+d}",
    )
