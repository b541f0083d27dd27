"""The dealer's page "what I can get": finance this order or invoice, pay early and save, and why not more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.nav import Nav
from b2b.admin.related import adds_tables
from b2b.admin.sites import actor_of, dealer_site
from b2b.admin.tables import Table, columns
from b2b.core import clock
from finance.admin.financing import minor
from finance.admin.offers import offers_page
from finance.policies.technique import INVOICE, ORDER
from finance.selectors import credit, early_payment, invoice

SHOWN = 20


@dealer_site.page(
    "finance/get-money/", name="get_money", nav=Nav("money", 61, "savings", gettext_lazy("What I can get"))
)
def get_money(request: HttpRequest) -> HttpResponse:
    """Show what may be financed; for one asset, what each programme offers and why not more."""
    return offers_page(
        request, dealer_site, "get_money", _("What I can get"), kinds=(INVOICE, ORDER), tables=_assets
    )


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
