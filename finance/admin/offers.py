"""The page on which a party asks for money: what it has, what each programme offers on one of them, and the asking."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from b2b.admin import cells
from b2b.admin.actions import Call, carry_out
from b2b.admin.asking import may_act
from b2b.admin.sites import PartySite, actor_of
from b2b.admin.tables import Table
from b2b.core import clock
from b2b.core.errors import DomainError
from finance.admin.financing import minor
from finance.services import financing_request, possible
from finance.services.financing_quote import Quote


def offers_page(
    request: HttpRequest,
    site: PartySite,
    page: str,
    title: str,
    *,
    kinds: Collection[str],
    tables: Callable[[HttpRequest], Iterable[Table]],
) -> HttpResponse:
    """Show the party's assets and, for the one that is asked about, what each programme offers; take its request."""
    if request.method == "POST":
        return _ask(request, site, page)
    kind, key = request.GET.get("kind", ""), request.GET.get("id", "")
    context: dict[str, Any] = {"tables": list(tables(request))}
    if kind in kinds and key:
        try:
            found = possible.quotes(kind, key, by=actor_of(request), at=clock.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            context |= {"quotes": [_shown(one) for one in found], "asset": found[0].asset if found else None,
                        "kind": kind, "key": key, "asked": True}  # fmt: skip
    return TemplateResponse(request, "finance/get_money.html", site.page_context(request, title, **context))


def _ask(request: HttpRequest, site: PartySite, page: str) -> HttpResponse:
    back = HttpResponseRedirect(reverse(f"{site.name}:{page}"))
    if not may_act(request):
        return back
    given = {name: request.POST.get(name, "") for name in ("programme", "kind", "id")}
    made = carry_out(request, _send, None, given)
    asked = reverse(f"{site.name}:finance_financingrequest_changelist")
    return HttpResponseRedirect(asked) if made else back


def _send(call: Call) -> str:
    try:
        programme = UUID(call.data["programme"])
    except ValueError:
        programme = UUID(int=0)
    made = financing_request.ask(
        programme,
        asset_kind=call.data["kind"],
        asset_key=call.data["id"],
        borrower_id=call.by.organization_id or 0,
        by=call.by,
        at=call.at,
    )
    return _("%(number)s: take the offer or leave it.") % {"number": made.number}


def _shown(one: Quote) -> dict[str, Any]:
    currency = one.programme.currency
    return {
        "programme": one.programme.pk,
        "name": one.programme.name,
        "funder": one.programme.funder.name,
        "is_offer": one.answer.is_offer,
        "paid_out": minor(one.paid_out, currency),
        "owed": minor(one.answer.advance, currency),
        "fee": minor(one.answer.fee, currency),
        "rate": cells.percent(one.answer.rate),
        "until": cells.day(one.answer.maturity),
        "is_sold": one.is_sold,
        "reasons": one.answer.reasons,
    }
