"""How long each warehouse needs, on the operator's desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin.actions import ROLES_THAT_ACT, Call, carry_out
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Table
from b2b.admin.tables import columns as headings
from b2b.directory.models import Site
from b2b.directory.selectors import site
from orders.admin.terms_pages import history_of_each, reason_field
from orders.models.handling_term import LONGEST_DAYS
from orders.selectors import handling as selectors
from orders.services import handling


class HandlingForm(forms.Form):
    """Which warehouse needs how long, and why."""

    warehouse = forms.ChoiceField(label=gettext_lazy("Warehouse"))
    days = forms.IntegerField(
        label=gettext_lazy("Days from its door to the dealer's"), min_value=0, max_value=LONGEST_DAYS
    )
    reason = reason_field()

    def __init__(self, *args: Any, sites: list[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["warehouse"]
        field.choices = [(one.code, one.name) for one in sites]


@operator_site.page(
    "orders/handling/", name="handling", nav=Nav("data", 78, "schedule", gettext_lazy("Handling times"))
)
def handling_page(request: HttpRequest) -> HttpResponse:
    """Show how long goods of each warehouse take, and let it be changed."""
    who = actor_of(request)
    sites = list(site.visible(who).filter(kind=Site.Kind.WAREHOUSE, is_active=True).order_by("code"))
    form = HandlingForm(request.POST or None, sites=sites)
    if request.method == "POST" and form.is_valid():
        warehouse = next(one for one in sites if one.code == form.cleaned_data["warehouse"])
        if not who.roles & ROLES_THAT_ACT:
            messages.error(request, _("Your role may look, but not act."))
        elif carry_out(request, _put, warehouse, form.cleaned_data):
            return HttpResponseRedirect(reverse("operator:handling"))
    known = selectors.known()
    days = Table(
        _("Handling times"),
        headings(_("Warehouse"), (_("Days"),)),
        [(one.name, str(known.get(one.pk, selectors.DEFAULT_DAYS))) for one in sites],
    )
    names = {one.pk: one.name for one in sites}
    changes = history_of_each(request, handling.HANDLING, names, _("Warehouse"))
    context = operator_site.page_context(request, _("Handling times"), form=form, tables=[days, changes])
    return TemplateResponse(request, "orders/handling.html", context)


def _put(call: Call) -> str:
    handling.put(call.obj, days=call.data["days"], reason=call.data["reason"], by=call.by, at=call.at)
    return _("From the next cycle on, goods of %(name)s take %(days)d days.") % {
        "name": call.obj.name,
        "days": call.data["days"],
    }
