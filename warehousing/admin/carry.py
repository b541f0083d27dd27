"""The page of people who put goods away: take, carry, scan the place, next; by scanner or keyboard alone."""

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
from b2b.admin.actions import ROLES_THAT_ACT, explain
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact
from b2b.core import clock
from b2b.core.actor import Actor
from b2b.core.errors import DomainError, Invalid
from warehousing.models import PutawayTask, Warehouse
from warehousing.selectors import receiving, work
from warehousing.services import putaway_task
from warehousing.services.putaway_task import Carried


class PlaceForm(forms.Form):
    """The place that was scanned, for the goods that were shown."""

    task = forms.CharField(widget=forms.HiddenInput)
    location = forms.CharField(
        label=gettext_lazy("Scan the place"), max_length=32,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Another place than the proposed one is taken if the goods fit there."),
    )  # fmt: skip


@operator_site.page(
    "warehousing/carry/", name="carry", nav=Nav("stock", 15, "forklift", gettext_lazy("Put away"))
)
def carry(request: HttpRequest) -> HttpResponse:
    """Show the task in hand, or offer the next one of a house."""
    actor = actor_of(request)
    houses = list(work.warehouses(actor))
    chosen = next((one for one in houses if one.code == request.GET.get("warehouse")), None)
    house = chosen or next(iter(houses), None)
    fault: Any = ""
    if request.method == "POST" and house is not None:
        if not actor.roles & ROLES_THAT_ACT:
            fault = _("Your role may look, but not act.")
        else:
            try:
                messages.success(request, _act(request, house))
                return HttpResponseRedirect(f"{reverse('operator:carry')}?warehouse={house.code}")
            except DomainError as error:
                fault = explain(error)
    task = _in_hand(actor, house) if house else None
    waiting = receiving.to_carry(actor, house.pk, at=clock.now()).count() if house else 0
    context = operator_site.page_context(
        request,
        _("Put away"),
        houses=houses,
        house=house,
        task=task,
        facts=_facts(task) if task else [],
        waiting=waiting,
        form=PlaceForm(initial={"task": task.pk}) if task else None,
        fault=fault,
    )
    return TemplateResponse(request, "warehousing/carry.html", context)


def _in_hand(actor: Actor, house: Warehouse) -> PutawayTask | None:
    mine = receiving.putaway_tasks(actor).filter(
        status="CLAIMED", warehouse=house, claimed_by=str(actor)[:150]
    )
    return mine.order_by("claimed_at", "pk").first()


def _act(request: HttpRequest, house: Warehouse) -> str:
    by, at = actor_of(request), clock.now()
    task = _in_hand(by, house)
    if request.POST.get("task", "") != (str(task.pk) if task else ""):
        raise Invalid(_("These goods are carried already; look at what is in hand now."))
    if task is None:
        if not putaway_task.claim(house.pk, by=by, at=at):
            return _("Nothing is to be carried.")
        return _("Take the goods.")
    if "give_back" in request.POST:
        putaway_task.give_back([task.pk], by=by)
        return _("Somebody else may carry them.")
    code = request.POST.get("location", "").strip()
    [done] = putaway_task.confirm([Carried(task.pk, code or task.destination.code)], by=by, at=at)
    putaway_task.claim(house.pk, by=by, at=at)
    told = {
        "quantity": cells.quantity(done.quantity),
        "sku": task.product.sku,
        "place": code or task.destination.code,
    }
    return _("%(quantity)s × %(sku)s are at %(place)s.") % told


def _facts(task: PutawayTask) -> list[Fact]:
    return [
        Fact(_("Product"), f"{task.product.sku} {task.product.name}"),
        Fact(_("Lot"), task.lot.number if task.lot else cells.NOTHING),
        Fact(_("Quantity"), cells.quantity(task.quantity)),
        Fact(_("From"), task.source.code),
        Fact(_("To"), task.destination.code),
    ]
