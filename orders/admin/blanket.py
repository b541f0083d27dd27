"""Blanket orders: what is left, and calling off a part of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import ROLES_THAT_ACT, Call, ReasonForm, carry_out, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, dealer_site, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core.actor import DEALER, FACTORY, Actor
from b2b.directory.selectors import organization
from orders.admin import pasted
from orders.models import BlanketOrder
from orders.selectors import blanket as selectors
from orders.services import blanket_order, blanket_release

SHOWN = 100


def release_form(request: HttpRequest, blanket: BlanketOrder) -> type[forms.Form]:
    """Return a form that asks how much of each line is called off."""
    fields: dict[str, forms.Field] = {
        f"line_{line.standing.line_number}": forms.IntegerField(
            label=f"{line.standing.line_number}. {line.name} ({line.standing.sku})",
            min_value=0,
            max_value=line.standing.left,
            required=False,
            help_text=_("left: %(left)s") % {"left": cells.quantity(line.standing.left)},
        )
        for line in selectors.statement([blanket.pk])[blanket.pk]
    }
    fields["need_by_date"] = forms.DateField(
        label=_("Needed by"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    fields["reference"] = forms.CharField(label=_("Your reference"), required=False, max_length=80)
    return type("ReleaseForm", (forms.Form,), fields)


class BlanketPages(ReadOnlyAdmin):
    """A list of blanket orders; the page of one with its statement and its releases."""

    ordering = ("-pk",)
    list_filter = ("status",)
    search_fields = ("number__startswith", "external_reference__startswith")
    detail_select_related = ("dealer", "factory", "ship_to_site")
    buttons: tuple[str, ...] = ("release",)

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return what the actor may see."""
        return selectors.visible(actor)

    def facts(self, request: HttpRequest, obj: BlanketOrder) -> Iterable[Fact]:
        """Say what was agreed on."""
        yield Fact(_("Valid"), f"{cells.day(obj.valid_from)} – {cells.day(obj.valid_to)}")
        if obj.tolerance_bp:
            yield Fact(_("Tolerance"), f"{obj.tolerance_bp / 100:g} %")
        if obj.ship_to_site:
            yield Fact(_("Ship to"), obj.ship_to_site.name)
        if obj.external_reference:
            yield Fact(_("Reference"), obj.external_reference)
        if obj.note:
            yield Fact(_("Note"), obj.note)

    def tables(self, request: HttpRequest, obj: BlanketOrder) -> Iterable[Table]:
        """Show what is left of each line, and what has been called off."""
        yield Table(
            _("What is left"),
            headings(
                _("Line"),
                _("Product"),
                (_("Price, %(currency)s") % {"currency": obj.currency},),
                (_("Agreed"),),
                (_("Called off"),),
                (_("Left"),),
            ),
            [
                (
                    line.standing.line_number,
                    cells.two_lines(line.name, line.standing.sku),
                    cells.unit_price(line.unit_price, obj.currency),
                    cells.quantity(line.standing.agreed),
                    cells.quantity(line.standing.released),
                    cells.quantity(line.standing.left),
                )
                for line in selectors.statement([obj.pk])[obj.pk]
            ],
        )
        found = selectors.releases(actor_of(request)).filter(blanket_order=obj).order_by("-release_number")
        yield Table(
            _("Releases"),
            headings(_("Release"), _("Order"), _("Status"), (_("Quantity"),), _("Released"), _("By")),
            [
                (
                    one.release_number,
                    self._document(one),
                    cells.badge(self._status(one)),
                    cells.quantity(sum(line.quantity for line in one.lines.all())),
                    cells.moment(one.released_at),
                    one.released_by,
                )
                for one in found[:SHOWN]
            ],
            empty=_("Nothing has been called off yet."),
        )

    @staticmethod
    def _status(release: Any) -> str:
        return str((release.order or release.purchase_order).status)

    def _document(self, release: Any) -> Any:
        document = release.order or release.purchase_order
        name = f"{self.admin_site.name}:orders_{document._meta.model_name}_change"
        return cells.link(document.number, reverse(name, args=[document.pk]))

    @service_action(
        gettext_lazy("Call off"),
        form=release_form,
        when=lambda blanket: blanket.status == "AGREED" and not blanket.is_upstream,
    )
    def release(self, call: Call) -> Any:
        """Order a part of what was agreed on."""
        made = blanket_release.release(
            call.obj,
            quantities={
                int(name.removeprefix("line_")): quantity
                for name, quantity in call.data.items()
                if name.startswith("line_") and quantity
            },
            need_by_date=call.data["need_by_date"],
            external_reference=call.data["reference"],
            by=call.by,
            at=call.at,
        )
        return _("Order %(number)s is placed.") % {"number": made.order.number if made.order else ""}


@admin.register(BlanketOrder, site=dealer_site)
class DealerBlankets(BlanketPages):
    """The dealer's own blanket orders."""

    nav = Nav("buy", 30, "contract")
    list_display = (
        "number",
        columns.status(),
        columns.day("valid_from", gettext_lazy("From"), "valid_from"),
        columns.day("valid_to", gettext_lazy("To"), "valid_to"),
        "external_reference",
    )


@admin.register(BlanketOrder, site=operator_site)
class OperatorBlankets(BlanketPages):
    """Blanket orders with dealers and with factories."""

    nav = Nav("buy", 30, "contract")
    buttons = ("release", "cancel")
    list_display = (
        "number",
        "party",
        columns.status(),
        columns.day("valid_from", gettext_lazy("From"), "valid_from"),
        columns.day("valid_to", gettext_lazy("To"), "valid_to"),
    )
    list_before_template = "orders/blanket_link.html"

    @admin.display(description=gettext_lazy("With"))
    def party(self, obj: BlanketOrder) -> str:
        """Name the other party."""
        return str(obj.dealer or obj.factory)

    def facts(self, request: HttpRequest, obj: BlanketOrder) -> Iterable[Fact]:
        """Name the other party too."""
        yield Fact(_("Factory") if obj.is_upstream else _("Dealer"), str(obj.dealer or obj.factory))
        yield from super().facts(request, obj)

    @service_action(gettext_lazy("End it early"), verb="cancel", form=ReasonForm, danger=True)
    def cancel(self, call: Call) -> Any:
        """End a blanket order before its time."""
        blanket_order.cancel(call.obj, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s has ended; what was called off stays ordered.") % {"number": call.obj.number}


class AgreeForm(forms.Form):
    """With whom, from when to when, and the lines."""

    party = forms.TypedChoiceField(label=gettext_lazy("With"), coerce=int)
    valid_from = forms.DateField(
        label=gettext_lazy("Valid from"), widget=forms.DateInput(attrs={"type": "date"})
    )
    valid_to = forms.DateField(label=gettext_lazy("Valid to"), widget=forms.DateInput(attrs={"type": "date"}))
    tolerance = forms.DecimalField(
        label=gettext_lazy("Tolerance, per cent"), min_value=0, max_value=100, decimal_places=2, initial=0
    )
    reference = forms.CharField(label=gettext_lazy("Reference"), required=False, max_length=80)
    lines = forms.CharField(
        label=gettext_lazy("Lines"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": "SKU-1001\t4800\t7.25"}),
        help_text=gettext_lazy("One a row: SKU, quantity in base units, price of a base unit."),
    )

    def __init__(self, *args: Any, parties: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        party: Any = self.fields["party"]
        party.choices = [(one.pk, f"{one} ({one.get_kind_display()})") for one in parties]


@operator_site.page("orders/agree/", name="agree_blanket")
def agree_blanket(request: HttpRequest) -> HttpResponse:
    """Ask for a blanket order with a dealer or a factory, and write it."""
    who = actor_of(request)
    parties = list(
        organization.visible(who).filter(kind__in=[DEALER, FACTORY], is_active=True).order_by("kind", "code")
    )
    form = AgreeForm(request.POST or None, parties=parties)
    if request.method == "POST" and form.is_valid() and who.roles & ROLES_THAT_ACT:
        party = next(one for one in parties if one.pk == form.cleaned_data["party"])
        if carry_out(request, _agree, party, form.cleaned_data):
            return HttpResponseRedirect(reverse("operator:orders_blanketorder_changelist"))
    context = operator_site.page_context(request, _("Agree on a blanket order"), form=form)
    return TemplateResponse(request, "orders/agreement_form.html", context)


def _agree(call: Call) -> str:
    rows = pasted.rows_of(call.data["lines"], ("sku", "quantity", "unit_price"))
    made = blanket_order.agree(
        call.obj,
        lines=[
            blanket_order.Wanted(
                row["sku"], pasted.whole(row, "quantity", number), pasted.decimal(row, "unit_price", number)
            )
            for number, row in enumerate(rows, start=1)
        ],
        valid_from=call.data["valid_from"],
        valid_to=call.data["valid_to"],
        tolerance_bp=int(call.data["tolerance"] * 100),
        external_reference=call.data["reference"],
        by=call.by,
        at=call.at,
    )
    return _("%(number)s is agreed.") % {"number": made.number}
