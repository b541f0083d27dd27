"""The page on which a load is made of shipments that wait and offered to carriers, the nearest that fit first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.actions import ROLES_THAT_ACT, Call, carry_out
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.core import clock
from b2b.core.money import Money
from b2b.directory.models import Organization
from b2b.directory.selectors import organization as organizations
from logistics.admin.tender import why
from logistics.models import Shipment, Tender
from logistics.selectors import dispatching, matching
from logistics.services import tender

SHOWN = 200
NEXT_PICKUP = timedelta(hours=1)
PICKUP_LASTS = timedelta(hours=4)


class LoadForm(forms.Form):
    """Which shipments, when they are fetched, for how much, and who is asked."""

    shipments = forms.MultipleChoiceField(
        label=gettext_lazy("Shipments"), widget=forms.CheckboxSelectMultiple
    )
    pickup_from_at = forms.DateTimeField(
        label=gettext_lazy("Pick-up from"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    pickup_until_at = forms.DateTimeField(
        label=gettext_lazy("Pick-up until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    price = forms.DecimalField(
        label=gettext_lazy("Price"), required=False, min_value=0, max_digits=18, decimal_places=3,
        help_text=gettext_lazy("The first carrier that takes it wins. Empty: carriers name their prices."),
    )  # fmt: skip
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3, min_length=3, initial="CNY")
    mode = forms.ChoiceField(label=gettext_lazy("Ask"), choices=Tender.Mode.choices)
    answer_minutes = forms.IntegerField(
        label=gettext_lazy("Time to answer, minutes"), min_value=1, max_value=10_080, initial=30
    )
    carriers = forms.MultipleChoiceField(
        label=gettext_lazy("Carriers"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: the five whose vehicles are nearest and fit."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, shipments: list[Shipment], carriers: list[Organization], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shipments"].choices = [
            (str(one.pk), f"{one.number} · {one.ship_to_name} · {cells.kilograms(one.weight_g)} kg")
            for one in shipments
        ]
        self.fields["carriers"].choices = [(one.code, one.name) for one in carriers]


@operator_site.page(
    "logistics/offer-load/",
    name="offer_load",
    nav=Nav("carry", 14, "campaign", gettext_lazy("Offer a load")),
)
def offer_load(request: HttpRequest) -> HttpResponse:
    """Show what waits with the vehicle that could fetch it, and offer what is chosen."""
    actor, now = actor_of(request), clock.now()
    waiting = list(
        dispatching.all_waiting(actor)
        .select_related("warehouse_site", "dealer")
        .order_by("warehouse_site", "need_by_date", "pk")[:SHOWN]
    )
    form = LoadForm(
        request.POST or None,
        shipments=waiting,
        carriers=list(organizations.carriers(actor)),
        initial={"pickup_from_at": now + NEXT_PICKUP, "pickup_until_at": now + NEXT_PICKUP + PICKUP_LASTS},
    )
    if request.method == "POST" and form.is_valid():
        if not actor.roles & ROLES_THAT_ACT:
            form.add_error(None, _("Your role may look, but not act."))
        elif carry_out(request, _open, None, form.cleaned_data):
            return HttpResponseRedirect(reverse("operator:logistics_tender_changelist"))
    context = operator_site.page_context(
        request, _("Offer a load"), form=form, rows=_matched(request, waiting, now)
    )
    return TemplateResponse(request, "logistics/offer_load.html", context)


def _open(call: Call) -> str:
    asked = dict(call.data)
    price, shipments = asked.pop("price"), asked.pop("shipments")
    terms = tender.Terms(**asked, price=Money.of(price, asked["currency"]) if price is not None else None)
    made = tender.open_tender(shipments, terms, by=call.by, at=call.at)
    return _("%(number)s is offered.") % {"number": made.number}


def _matched(request: HttpRequest, waiting: list[Shipment], now: datetime) -> list[tuple[str, str]]:
    """Return each shipment with the vehicle it would get if all were fetched at once."""
    loads = [
        matching.Load(
            row, one.warehouse_site.point, one.weight_g, one.volume_cm3, frozenset(one.required_skills)
        )
        for row, one in enumerate(waiting)
    ]
    chosen, known = matching.pairs(actor_of(request), loads, at=now)
    said = []
    for row, one in enumerate(waiting):
        best = chosen.get(row) or next(iter(known.get(row, ())), None)
        said.append((one.number, why(best.reasons) if best else _("no vehicle that fits was seen lately")))
    return said
