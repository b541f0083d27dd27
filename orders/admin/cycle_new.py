"""The operator plans the first cycle of a factory or of a product category."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin.actions import Call
from b2b.admin.asking import asking_page
from b2b.admin.sites import operator_site
from b2b.core.actor import FACTORY
from b2b.core.errors import Invalid, Problem
from b2b.directory.models import Site
from b2b.directory.selectors import organization, site
from orders.admin.cycle_forms import NewCycleForm, PlanForm
from orders.services import cycle_plan
from orders.services.cycle_plan import STANDING

_STANDING: Final = "standing"


class FirstCycleForm(PlanForm, NewCycleForm):
    """What a cycle is of, and when it opens and closes."""

    every = forms.ChoiceField(
        label=gettext_lazy("Repeats"),
        required=False,
        choices=(
            (_STANDING, gettext_lazy("as the standing rules say")),
            *PlanForm.base_fields["every"].choices,  # type: ignore[attr-defined]
        ),
    )

    field_order = ("factory", "category", "warehouse", "region", "currency", *PlanForm.field_order)

    def clean(self) -> dict[str, Any]:
        """Return the arguments of `cycle_plan.plan`, with codes for what they name."""
        given = dict(self.cleaned_data)
        if bool(given.get("factory")) == bool(given.get("category")):
            self.add_error("factory", _("Name a factory or a category, and not both."))
        named = {
            name: given.get(name, "") for name in ("factory", "category", "warehouse", "region", "currency")
        }
        whole = {**named, **super().clean()}
        return {**whole, "recurrence": STANDING} if given.get("every") == _STANDING else whole


@operator_site.page("orders/cycles/new/", name="new_cycle")
def new_cycle(request: HttpRequest) -> HttpResponse:
    """Ask for a cycle and plan it."""
    form = FirstCycleForm(request.POST or None)
    return asking_page(request, _("Plan a cycle"), form, _plan, "operator:orders_ordercycle_changelist")


def _plan(call: Call) -> str:
    data = dict(call.data)
    code, place = data.pop("factory"), data.pop("warehouse")
    maker = (
        organization.visible(call.by).filter(kind=FACTORY, code=code, is_active=True).first()
        if code
        else None
    )
    house = site.visible(call.by).filter(kind=Site.Kind.WAREHOUSE, code=place, is_active=True).first()
    problems = []
    if code and maker is None:
        problems.append(
            Problem("unknown_factory", _("There is no %(code)s.") % {"code": code}, field="factory")
        )
    if house is None:
        problems.append(
            Problem("unknown_site", _("There is no %(code)s.") % {"code": place}, field="warehouse")
        )
    if problems or house is None:
        raise Invalid(problems[0].message, problems=problems)
    made = cycle_plan.plan(maker, warehouse=house, **data, by=call.by, at=call.at)
    return _("%(number)s is planned and opens by itself.") % {"number": made.number}
