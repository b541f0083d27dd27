"""What people are asked when they request, quote and award."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.actions import ROLES_THAT_ACT, Call, carry_out
from b2b.admin.sites import actor_of, dealer_site, operator_site
from b2b.core.actor import FACTORY
from b2b.directory.selectors import organization, site
from orders.admin import pasted
from orders.models import QuotationRequest
from orders.policies.pricing import Break
from orders.selectors import quotation as selectors
from orders.services import quotation_request
from orders.services.quotation import Offered
from orders.services.quotation_award import Award
from orders.services.quotation_request import Requested

_DAY = {"type": "date"}


def quote_form(request: HttpRequest, asked: QuotationRequest) -> type[forms.Form]:
    """Return a form that asks for a price and a lead time of each requested line that names a product."""
    fields: dict[str, forms.Field] = {}
    for line in asked.lines.select_related("product").order_by("line_number"):
        if line.product:
            name = f"{line.line_number}. {line.product.name} ({line.product.sku})"
            fields[f"price_{line.line_number}"] = forms.DecimalField(
                label=name,
                min_value=0,
                max_digits=18,
                decimal_places=6,
                help_text=_("for %(quantity)s, price of a base unit in %(currency)s")
                % {"quantity": cells.quantity(line.quantity), "currency": asked.currency},
            )
            fields[f"days_{line.line_number}"] = forms.IntegerField(
                label=_("Lead time, days"), min_value=0, initial=7
            )
    fields["valid_until"] = forms.DateField(label=_("Valid until"), widget=forms.DateInput(attrs=_DAY))
    fields["note"] = forms.CharField(label=_("Note"), required=False, max_length=1000)
    return type("QuoteForm", (forms.Form,), fields)


def offers_of(data: dict[str, Any]) -> list[Offered]:
    """Return the offers of a filled quote form."""
    return [
        Offered(number, (Break(1, price),), lead_time_days=data[f"days_{number}"])
        for name, price in data.items()
        if name.startswith("price_")
        for number in [int(name.removeprefix("price_"))]
    ]


def award_form(request: HttpRequest, asked: QuotationRequest) -> type[forms.Form]:
    """Return a form that asks how much each quoted line wins; the cheapest offer of a line has all of it."""
    found = selectors.compare(actor_of(request), asked)
    fields: dict[str, forms.Field] = {}
    for ranked in found.ranked.values():
        for place, one in enumerate(ranked):
            line = found.lines[one.offer.offer_id]
            fields[f"award_{line.quotation_id}_{line.line_number}"] = forms.IntegerField(
                label=f"{one.offer.line_number}. {line.product.sku}: {line.quotation.factory}",
                min_value=0,
                required=False,
                initial=one.quantity if not place else None,
                help_text=_("%(price)s for %(quantity)s, %(days)d days")
                % {
                    "price": cells.unit_price(one.unit_price, asked.currency),
                    "quantity": cells.quantity(one.quantity),
                    "days": one.offer.lead_time_days,
                },
            )
    fields["becomes"] = forms.ChoiceField(
        label=_("The award becomes"),
        choices=[("source", _("source and purchase price")), ("blanket", _("a blanket order"))],
    )
    fields["valid_to"] = forms.DateField(
        label=_("Blanket order until"), required=False, widget=forms.DateInput(attrs=_DAY)
    )
    return type("AwardForm", (forms.Form,), fields)


def awards_of(data: dict[str, Any]) -> list[Award]:
    """Return the awards of a filled award form."""
    awards = []
    for name, quantity in data.items():
        if name.startswith("award_") and quantity:
            _prefix, key, number = name.split("_")
            awards.append(Award(UUID(key), int(number), quantity))
    return awards


class AskForm(forms.Form):
    """What is asked until when, and of whom."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    deadline = forms.DateTimeField(
        label=gettext_lazy("Deadline"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    place = forms.ChoiceField(label=gettext_lazy("Ship to"), required=False)
    factories = forms.MultipleChoiceField(
        label=gettext_lazy("Ask"), widget=forms.CheckboxSelectMultiple, required=False
    )
    lines = forms.CharField(
        label=gettext_lazy("Lines"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": "SKU-1001\t4800"}),
        help_text=gettext_lazy("One a row: SKU, quantity in base units."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=1000)

    def __init__(self, *args: Any, places: list[Any], factories: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, Any] = self.fields
        choices["place"].choices = [("", "–"), *((one.code, one.name) for one in places)]
        choices["factories"].choices = [(one.code, str(one)) for one in factories]
        if not factories:
            del self.fields["factories"]


@dealer_site.page("orders/ask-quotation/", name="ask_quotation")
def ask_platform(request: HttpRequest) -> HttpResponse:
    """Let a dealer ask the platform."""
    return _ask_page(request, "dealer", factories=[])


@operator_site.page("orders/ask-quotation/", name="ask_quotations")
def ask_factories(request: HttpRequest) -> HttpResponse:
    """Let the operator ask factories."""
    factories = organization.visible(actor_of(request)).filter(kind=FACTORY, is_active=True)
    return _ask_page(request, "operator", factories=list(factories.order_by("code")))


def _ask_page(request: HttpRequest, desk: str, *, factories: list[Any]) -> HttpResponse:
    who = actor_of(request)
    places = list(site.own(who).filter(organization_id=who.organization_id or 0).order_by("code"))
    form = AskForm(request.POST or None, places=places, factories=factories)
    if request.method == "POST" and form.is_valid() and who.roles & ROLES_THAT_ACT:
        chosen = {
            "ship_to": next((one for one in places if one.code == form.cleaned_data["place"]), None),
            "factories": [one for one in factories if one.code in form.cleaned_data.get("factories", ())],
        }
        if carry_out(request, _ask, chosen, form.cleaned_data):
            return HttpResponseRedirect(reverse(f"{desk}:orders_quotationrequest_changelist"))
    pages = {"dealer": dealer_site, "operator": operator_site}[desk]
    context = pages.page_context(request, _("Ask for quotations"), form=form)
    return TemplateResponse(request, "orders/agreement_form.html", context)


def _ask(call: Call) -> str:
    issuer = organization.visible(call.by).get(pk=call.by.organization_id or 0)
    deadline: datetime = call.data["deadline"]
    rows = pasted.rows_of(call.data["lines"], ("sku", "quantity"))
    made = quotation_request.ask(
        title=call.data["title"],
        note=call.data["note"],
        deadline_at=deadline if timezone.is_aware(deadline) else timezone.make_aware(deadline),
        issuer=issuer,
        lines=[
            Requested(pasted.whole(row, "quantity", number), sku=row["sku"])
            for number, row in enumerate(rows, start=1)
        ],
        by=call.by,
        at=call.at,
        **call.obj,
    )
    return _("%(number)s is asked.") % {"number": made.number}
