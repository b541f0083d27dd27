"""The dealer's own price list: what each product costs alone, at every break, on the dealer's terms."""

from __future__ import annotations

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, csv
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, dealer_site
from b2b.admin.tables import Table
from b2b.admin.tables import columns as headings
from b2b.core import clock
from b2b.directory.selectors import organization
from orders.policies.pricing import following
from orders.selectors import price_list
from orders.selectors.price_list import Priced
from orders.selectors.terms import Terms

PRODUCTS_A_PAGE: Final = 100
EXPORTED: Final = (
    "sku", "name", "unit", "currency", "min_quantity", "order_multiple", "max_quantity", "lead_time_days",
    "from_quantity", "unit_price",
)  # fmt: skip


@dealer_site.page("prices/", name="my_prices", nav=Nav("buy", 15, "sell", gettext_lazy("My prices")))
def my_prices(request: HttpRequest) -> HttpResponse:
    """Show what the dealer pays, a page at a time; `q` looks for the beginning of a SKU or a word of the name."""
    dealer, products = _products(request)
    words = request.GET.get("q", "").strip()[:80]
    if words:
        products = products.filter(sku__istartswith=words) | products.filter(name__icontains=words)
    page = Paginator(products, PRODUCTS_A_PAGE).get_page(request.GET.get("page"))
    priced = price_list.priced(page, dealer=dealer, currency=dealer.currency, at=clock.now())
    table = Table(
        _("My prices"),
        headings(_("Product"), _("Unit"), _("From quantity, unit price"), _("Next break"), (_("Minimum"),),
                 (_("Multiple"),), (_("Lead time, days"),)),
        [_row(one, dealer.currency) for one in priced],
        empty=_("Nobody sells you anything by these words."),
    )  # fmt: skip
    context = dealer_site.page_context(request, _("My prices"), table=table, page=page, words=words)
    return TemplateResponse(request, "orders/my_prices.html", context)


@dealer_site.page("prices/export/", name="export_my_prices")
def export_my_prices(request: HttpRequest) -> HttpResponse:
    """Answer with the whole price list, one row a break."""
    dealer, products = _products(request)
    at = clock.now()
    rows = (
        (
            one.product.sku, one.product.name, one.product.base_unit, dealer.currency, one.terms.min_quantity,
            one.terms.order_multiple, one.terms.max_quantity, one.terms.lead_time_days,
            step.min_quantity, step.unit_price,
        )
        for one in price_list.priced(products, dealer=dealer, currency=dealer.currency, at=at)
        for step in one.terms.breaks
    )  # fmt: skip
    return csv.download(f"prices-{at.date()}", EXPORTED, rows)


def _products(request: HttpRequest) -> tuple[Any, Any]:
    actor = actor_of(request)
    dealer = organization.visible(actor).get()
    return dealer, price_list.on_sale(actor, currency=dealer.currency, day=clock.now().date())


def _row(one: Priced, currency: str) -> tuple[Any, ...]:
    breaks = format_html_join(
        "",
        "<div>{} · {}</div>",
        (
            (cells.quantity(step.min_quantity), cells.price(step.unit_price, currency))
            for step in one.terms.breaks
        ),
    )
    return (
        cells.two_lines(one.product.name, one.product.sku),
        one.product.base_unit,
        breaks,
        _next(one.terms, currency),
        cells.quantity(one.terms.min_quantity),
        cells.quantity(one.terms.order_multiple),
        str(one.terms.lead_time_days),
    )


def _next(found: Terms, currency: str) -> str:
    """Write what lies ahead of the least one may order: how many more, and what a unit costs then."""
    ahead = following(found.breaks, found.min_quantity)
    if ahead is None:
        return cells.NOTHING
    return _("%(more)s more: %(price)s") % {
        "more": cells.quantity(ahead.min_quantity - found.min_quantity),
        "price": cells.price(ahead.unit_price, currency),
    }
