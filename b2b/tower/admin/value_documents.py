"""The documents behind a figure of the value view, with links to them."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from b2b.admin import cells
from b2b.admin.csv import download
from b2b.admin.lines import paged
from b2b.admin.sites import PartySite, actor_of, dealer_site, operator_site
from b2b.admin.tables import Table, columns
from b2b.directory.selectors import organization
from b2b.tower.admin import span as spans
from b2b.tower.admin.wording import NAMES
from b2b.tower.selectors import documents

# Kind of document -> the page that shows one, on whichever site has it.
PAGES: Final = {
    "savings_statement": "orders_savingsstatement",
    "order": "orders_order",
    "order_cycle": "orders_ordercycle",
    "purchase_order": "orders_purchaseorder",
    "cost_voucher": "orders_costvoucher",
    "shipment": "logistics_shipment",
    "financing": "finance_financing",
    "journal_entry": "finance_journalentry",
    "supplier_credit": "finance_suppliercredit",
    "invoice": "finance_invoice",
}
CSV_ROWS: Final = 100_000
CSV_COLUMNS: Final = ("kind", "id", "number", "day", "dealer_id", "quantity", "amount")


@dealer_site.page("value/documents/", name="value_documents")
def dealer_documents(request: HttpRequest) -> HttpResponse:
    """Show a dealer the documents of its own figure."""
    return _page(request, dealer_site)


@operator_site.page("value/documents/", name="value_documents")
def operator_documents(request: HttpRequest) -> HttpResponse:
    """Show the operator the documents of a figure."""
    return _page(request, operator_site)


def _page(request: HttpRequest, site: PartySite) -> HttpResponse:
    span, figure = spans.of_request(request), request.GET.get("figure", "")
    if figure not in documents.FIGURES:
        if figure:
            messages.error(request, _("There is no such figure; these are the documents of the saving."))
        figure = "saving"
    product = request.GET.get("product_id", "")
    product_id = int(product) if product.isascii() and product.isdigit() and len(product) < 19 else None
    rows = documents.of_figure(actor_of(request), figure, span, product_id=product_id).order_by(
        "-shown_day", "-pk"
    )
    if request.GET.get("csv"):
        shown = ([getattr(one, f"shown_{name}") for name in CSV_COLUMNS] for one in rows[:CSV_ROWS])
        return download(f"documents-of-{figure}", CSV_COLUMNS, shown)
    query = spans.query(span, figure=figure, product_id=product_id)
    context = site.page_context(
        request,
        _("Documents: %(figure)s") % {"figure": NAMES.get(figure, figure)},
        tables=[_table(request, site, rows, span.currency, query)],
        download=f"?{query}&csv=1",
        intro=_("%(since)s to %(until)s, the newest first.")
        % {"since": cells.day(span.since), "until": cells.day(span.until)},
        back=f"{reverse(f'{site.name}:value')}?{spans.query(span)}",
    )
    return TemplateResponse(request, "b2b_admin/tables_page.html", context)


def _table(request: HttpRequest, site: PartySite, rows: QuerySet[Any], currency: str, query: str) -> Table:
    headings = [_("Document"), _("Day"), (_("Quantity"),), (_("Amount"),)]
    if site is operator_site:
        headings.insert(2, _("Dealer"))
        named = (
            organization.visible(actor_of(request)).filter(pk=OuterRef("shown_dealer_id")).values("name")[:1]
        )
        rows = rows.annotate(shown_dealer=Subquery(named))

    def row(one: Any) -> list[Any]:
        shown = [_link(site, one), cells.day(one.shown_day), cells.quantity(one.shown_quantity)]
        if site is operator_site:
            shown.insert(2, one.shown_dealer or cells.NOTHING)
        return [*shown, cells.money(one.shown_amount, currency)]

    return paged(
        request,
        rows,
        _("Documents"),
        columns(*headings),
        row,
        empty=_("No document in this span. Choose a longer one on the page before."),
        keep=query,
    )


def _link(site: PartySite, one: Any) -> Any:
    """Lead to the document where the reader's site has a page of it."""
    number = one.shown_number or str(one.shown_id)[:8]
    try:
        address = reverse(f"{site.name}:{PAGES.get(one.shown_kind, '')}_change", args=[one.shown_id])
    except NoReverseMatch:
        return number
    return cells.link(number, address)
