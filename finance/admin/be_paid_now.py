"""The factory's page "be paid now": what each bill and voucher brings today, and money on orders it still makes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.home import Figure
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, factory_site
from b2b.admin.tables import Table, columns
from b2b.core import clock
from finance.admin.financing import minor
from finance.admin.offers import offers_page
from finance.policies.technique import BILL, PURCHASE_ORDER, VOUCHER
from finance.selectors import open_purchase, supplier_invoice
from finance.selectors.financeable import Asset
from finance.services import possible
from finance.services.financing_quote import Quote

SHOWN = 20
KIND_TITLES = {BILL: gettext_lazy("Accepted bills"), VOUCHER: gettext_lazy("Vouchers")}


@factory_site.page(
    "finance/be-paid-now/", name="be_paid_now", nav=Nav("money", 51, "savings", gettext_lazy("Be paid now"))
)
def be_paid_now(request: HttpRequest) -> HttpResponse:
    """Show what each bill and voucher brings today; for one of them, what each programme offers and why not more."""
    return offers_page(
        request, factory_site, "be_paid_now", _("Be paid now"), kinds=(BILL, VOUCHER, PURCHASE_ORDER),
        tables=_tables,
    )  # fmt: skip


def _tables(request: HttpRequest) -> Iterable[Table]:
    who = actor_of(request)
    found = possible.paid_now(who, at=clock.now(), most=SHOWN)
    empty = {
        BILL: _("No bill waits to be paid. Bills appear here once order and receipt agree with them."),
        VOUCHER: _("You hold no vouchers."),
    }
    for kind, title in KIND_TITLES.items():
        yield Table(
            str(title),
            columns(_("Number"), _("Due"), (_("Amount"),), _("Be paid now"), ""),
            [_row(asset, best) for asset, best in found if asset.kind == kind],
            empty[kind],
        )
    yield Table(
        _("Orders whose goods are still to come"),
        columns(_("Purchase order"), (_("To be delivered"),), ""),
        [
            (one.number, minor(one.left, one.currency), _link(PURCHASE_ORDER, one.key, _("What I can get")))
            for one in open_purchase.newest(who, SHOWN)
        ],
        _("No purchase order waits for goods."),
    )


def _row(asset: Asset, best: Quote | None) -> tuple[Any, ...]:
    said = cells.NOTHING
    if best is not None:
        said = _("get %(paid)s today from %(funder)s") % {
            "paid": minor(best.paid_out - best.answer.fee, asset.currency),
            "funder": best.programme.funder.name,
        }
    shown = _("Be paid now") if best is not None else _("Why not?")
    return (
        asset.number,
        cells.day(asset.due),
        minor(asset.face, asset.currency),
        said,
        _link(asset.kind, asset.key, shown),
    )


def _link(kind: str, key: object, text: str) -> Any:
    return cells.link(text, f"{reverse('factory:be_paid_now')}?kind={kind}&id={key}")


@factory_site.home.figures(20)
def figures(request: HttpRequest) -> Iterable[Figure]:
    """Say what is owed to the factory, what is held, and what it could be paid today."""
    owed = supplier_invoice.owed(actor_of(request), today=clock.today())
    for one in owed:
        yield Figure(
            _("To be paid to you"),
            cells.money(one.open_amount, one.currency),
            _("%(amount)s of it is overdue") % {"amount": cells.money(one.late_amount, one.currency)}
            if one.late_amount
            else _("next due %(day)s") % {"day": cells.day(one.next_due)},
            reverse("factory:be_paid_now"),
            "bad" if one.late_amount else "",
        )
    held = supplier_invoice.visible(actor_of(request)).filter(status="HELD").order_by().count()
    yield Figure(
        _("Bills that are held"),
        cells.quantity(held),
        _("each says what does not agree") if held else _("every bill agrees"),
        reverse("factory:finance_supplierinvoice_changelist") + "?status__exact=HELD",
        "warn" if held else "",
    )
