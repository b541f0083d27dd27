"""The page on which trips are planned: what waits where, and the button that plans it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.actions import ROLES_THAT_ACT, Call, carry_out
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Table, columns
from b2b.directory.models import Site
from logistics.selectors import dispatching
from logistics.services import dispatch

SHOWN = 200


class PlanForm(forms.Form):
    """At which warehouse, for which day."""

    warehouse = forms.TypedChoiceField(label=gettext_lazy("Warehouse"), coerce=int)
    day = forms.DateField(
        label=gettext_lazy("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: today while half a shift is to come, else tomorrow."),
    )  # fmt: skip

    def __init__(self, *args: Any, warehouses: list[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["warehouse"].choices = [(site.pk, site.name) for site in warehouses]


@operator_site.page(
    "logistics/plan/", name="plan_trips", nav=Nav("carry", 5, "alt_route", gettext_lazy("Plan trips"))
)
def plan_trips(request: HttpRequest) -> HttpResponse:
    """Show what waits for a vehicle, and plan it when asked."""
    actor = actor_of(request)
    warehouses = dispatching.warehouses_with_waiting(actor)
    form = PlanForm(request.POST or None, warehouses=warehouses)
    if request.method == "POST" and form.is_valid():
        if not actor.roles & ROLES_THAT_ACT:
            messages.error(request, _("Your role may look, but not act."))
        elif carry_out(request, _plan, form.cleaned_data["warehouse"], form.cleaned_data):
            return HttpResponseRedirect(reverse("operator:logistics_trip_changelist"))
    tables = [_waiting(request, site) for site in warehouses]
    context = operator_site.page_context(request, _("Plan trips"), form=form, tables=tables)
    return TemplateResponse(request, "logistics/plan_trips.html", context)


def _plan(call: Call) -> str:
    # Planned outside a transaction: the planner may think for seconds and holds no locks meanwhile.
    proposal = dispatch.plan(call.obj, by=call.by, at=call.at, day=call.data["day"])
    made = dispatch.publish_plan(proposal, by=call.by, at=call.at)
    message = _("%(trips)d trips are planned.") % {"trips": len(made.trips)}
    if made.left_out:
        left = ", ".join(
            f"{shipment.number} ({reason.replace('_', ' ')})" for shipment, reason in made.left_out[:10]
        )
        message += " " + _("Left out: %(shipments)s") % {"shipments": left}
    return message


def _waiting(request: HttpRequest, site: Site) -> Table:
    shipments = dispatching.waiting(actor_of(request), site.pk).select_related("dealer")[:SHOWN]
    rows = [
        (
            cells.link(one.number, reverse("operator:logistics_shipment_change", args=[one.pk])),
            one.dealer.name,
            one.ship_to_name,
            cells.kilograms(one.weight_g),
            cells.day(one.need_by_date),
        )
        for one in shipments
    ]
    heads = columns(_("Shipment"), _("Dealer"), _("Ship to"), (_("Weight, kg"),), _("Needed by"))
    return Table(_("Waiting at %(warehouse)s") % {"warehouse": site.name}, heads, rows)
