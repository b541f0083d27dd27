"""The dealer's page "what I can get": finance this order or invoice, pay early and save, and why not more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.actions import ROLES_THAT_ACT, Call, carry_out
from b2b.admin.nav import Nav
from b2b.admin.related import adds_tables
from b2b.admin.sites import actor_of, dealer_site
from b2b.admin.tables import Table, columns
from b2b.core import clock
from b2b.core.errors import DomainError
from finance.admin.financing import minor
from finance.policies.technique import INVOICE, ORDER
from finance.selectors import credit, early_payment, invoice
from finance.services import financing_request, possible
from finance.services.financing_quote import Quote

SHOWN = 20


@dealer_site.page(
    "finance/get-money/", name="get_money", nav=Nav("money", 61, "savings", gettext_lazy("What I can get"))
)
def get_money(request: HttpRequest) -> HttpResponse:
    """Show what may be financed; for one asset, what each programme offers and why not more."""
    kind, key = request.GET.get("kind", ""), request.GET.get("id", "")
    if request.method == "POST":
        return _ask(request)
    context: dict[str, Any] = {"tables": list(_assets(request))}
    if kind in (INVOICE, ORDER) and key:
        try:
            found = possible.quotes(kind, key, by=actor_of(request), at=clock.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            context |= {"quotes": [_shown(one) for one in found], "asset": found[0].asset if found else None,
                        "kind": kind, "key": key, "asked": True}  # fmt: skip
    shown = dealer_site.page_context(request, _("What I can get"), **context)
    return TemplateResponse(request, "finance/get_money.html", shown)


def _ask(request: HttpRequest) -> HttpResponse:
    back = HttpResponseRedirect(reverse("dealer:get_money"))
    if not actor_of(request).roles & ROLES_THAT_ACT:
        messages.error(request, _("Your role may look, but not act."))
        return back
    given = {name: request.POST.get(name, "") for name in ("programme", "kind", "id")}
    made = carry_out(request, _send, None, given)
    return HttpResponseRedirect(reverse("dealer:finance_financingrequest_changelist")) if made else back


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
        "reasons": one.answer.reasons,
    }


def _assets(request: HttpRequest) -> Iterable[Table]:
    """List what is the dealer's own: a constant number of queries; what each brings is asked one by one."""
    who = actor_of(request)
    open_invoices = list(invoice.visible(who).filter(open_amount__gt=0).order_by("due_date")[:SHOWN])
    savings = early_payment.savings(who, open_invoices, today=clock.today())
    yield Table(
        _("Invoices to pay"),
        columns(_("Invoice"), _("Due"), (_("Open"),), _("Pay early"), ""),
        [
            (
                one.number,
                cells.day(one.due_date),
                cells.money(one.open_amount, one.currency),
                _early(savings.get(one.pk), one.currency),
                _link(INVOICE, one.pk),
            )
            for one in open_invoices
        ],
        _("Nothing is to be paid."),
    )
    yield Table(
        _("Orders"),
        columns(_("Order"), (_("Value not yet invoiced"),), ""),
        [
            (str(one.order_id), minor(one.held, one.currency), _link(ORDER, one.order_id))
            for one in credit.holds(who).filter(status="HELD")[:SHOWN]
        ],
        _("No order holds credit."),
    )


def _early(saving: early_payment.Saving | None, currency: str) -> str:
    if saving is None:
        return cells.NOTHING
    return _("pay %(amount)s by %(day)s and save %(saved)s") % {
        "amount": cells.money(saving.pays, currency),
        "day": cells.day(saving.until),
        "saved": cells.money(saving.saved, currency),
    }


def _link(kind: str, key: object) -> Any:
    return cells.link(_("Finance this"), f"{reverse('dealer:get_money')}?kind={kind}&id={key}")


@adds_tables("orders.order")
def finance_this_order(request: HttpRequest, order: Any) -> Iterable[Table]:
    """Lead from an order that holds credit to what may be had on it."""
    if getattr(request, "current_app", "") != dealer_site.name:
        return
    held = credit.holds(actor_of(request)).filter(pk=order.pk, status="HELD").first()
    if held is not None:
        yield Table(
            _("Financing"),
            columns((_("Value not yet invoiced"),), ""),
            [(minor(held.held, held.currency), _link(ORDER, order.pk))],
        )
