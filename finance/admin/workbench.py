"""The workbench: each line that rules did not dare to match beside its proposals, and how far the morning has come."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from b2b.admin.actions import ROLES_THAT_ACT, Call, carry_out
from b2b.admin.asking import may_act
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from finance.selectors import workbench as selectors
from finance.services import reconciliation, resolution

SHOWN = 20


@operator_site.page(
    "finance/workbench/",
    name="workbench",
    nav=Nav("money", 46, "compare_arrows", gettext_lazy("Reconciliation")),
)
def workbench(request: HttpRequest) -> HttpResponse:
    """Show what waits for a person, the oldest first."""
    actor = actor_of(request)
    context = operator_site.page_context(
        request,
        _("Reconciliation"),
        progress=selectors.progress(actor),
        waiting=selectors.proposed(actor, SHOWN),
        may_act=bool(actor.roles & ROLES_THAT_ACT),
    )
    return TemplateResponse(request, "finance/workbench.html", context)


@operator_site.page("finance/workbench/accept/", name="accept_match")
@require_POST
def accept_match(request: HttpRequest) -> HttpResponse:
    """Settle a line as the chosen proposal says."""
    return _act(request, _accept)


@operator_site.page("finance/workbench/preview/", name="preview_match")
@require_POST
def preview_match(request: HttpRequest) -> HttpResponse:
    """Say what the rules would do, and do nothing."""
    return _act(request, _preview)


def _act(request: HttpRequest, act: Any) -> HttpResponse:
    if may_act(request):
        carry_out(request, act, None, {})
    return HttpResponseRedirect(reverse("operator:workbench"))


def _accept(call: Call) -> str:
    try:
        key = UUID(call.request.POST.get("match", ""))
    except ValueError:
        return _("No proposal was chosen.")
    payment = resolution.accept(key, by=call.by, at=call.at)
    return _("Payment %(number)s is booked.") % {"number": payment.number}


def _preview(call: Call) -> str:
    run = reconciliation.preview(by=call.by, at=call.at)
    return _(
        "A run would match %(matched)d, propose %(proposed)d and open %(cases)d cases; nothing was written."
    ) % {
        "matched": run.matched,
        "proposed": run.proposed,
        "cases": run.cases,
    }
