"""The page "why did I get this": what a dealer's lines got of a shortage, and by which rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.sites import PartySite, actor_of, dealer_site, operator_site
from b2b.admin.tables import Table
from b2b.admin.tables import columns as headings
from b2b.core import clock
from orders.models import Order
from orders.selectors import explanation
from orders.selectors import order as orders
from orders.selectors.explanation import LineExplanation, Sharing

ROUTE, NAME = "orders/why/", "order_why"


def link(site: PartySite, order: Order) -> Any:
    """Return the link from an order to its page."""
    return cells.link(_("Why did I get this?"), f"{reverse(f'{site.name}:{NAME}')}?order={order.pk}")


def withdraw_form(request: HttpRequest, order: Order) -> type[forms.Form]:
    """Return a form that asks which of the lines that may still be withdrawn are given up, and why."""
    choices = [
        (line.line_number, f"{line.line_number}. {line.product.name}")
        for line in withdrawable(order).select_related("product")
    ]
    fields: dict[str, forms.Field] = {
        "lines": forms.TypedMultipleChoiceField(
            label=_("Lines"), choices=choices, coerce=int, widget=forms.CheckboxSelectMultiple
        ),
        "reason": forms.CharField(label=_("Reason"), required=False, max_length=500),
    }
    return type("WithdrawForm", (forms.Form,), fields)


def withdrawable(order: Order) -> Any:
    """Return the lines of an order that may be withdrawn now."""
    return order.lines.filter(withdrawable_until__gt=clock.now()).order_by("line_number")


@dealer_site.page(ROUTE, name=NAME)
def dealer_page(request: HttpRequest) -> HttpResponse:
    """Explain one of the dealer's own orders."""
    return _page(request, dealer_site)


@operator_site.page(ROUTE, name=NAME)
def operator_page(request: HttpRequest) -> HttpResponse:
    """Explain any order."""
    return _page(request, operator_site)


def _page(request: HttpRequest, site: PartySite) -> HttpResponse:
    if "order" not in request.GET:
        intro = _("Open an order and follow its link here.")
        back = reverse(f"{site.name}:orders_order_changelist")
        context = site.page_context(request, _("Why did I get this?"), intro=intro, tables=[], back=back)
        return TemplateResponse(request, "b2b_admin/tables_page.html", context)
    order = _asked(request)
    lines = explanation.of_order(actor_of(request), order)
    context = site.page_context(
        request,
        _("Why %(number)s got what it got") % {"number": order.number},
        intro=_(
            "A shortage is shared by the rule the cycle declared before its cut-off. Where so few dealers shared that"
            " an exact figure would tell another's order, it is left out."
        ),
        tables=[_lines(lines, order), _sharings(lines)],
        back=reverse(f"{site.name}:orders_order_change", args=[order.pk]),
    )
    return TemplateResponse(request, "b2b_admin/tables_page.html", context)


def _asked(request: HttpRequest) -> Order:
    try:
        found = orders.visible(actor_of(request)).filter(pk=UUID(request.GET.get("order", ""))).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def _lines(lines: list[LineExplanation], order: Order) -> Table:
    return Table(
        _("Lines"),
        headings(
            _("Line"), _("Product"), (_("Ordered"),), (_("From stock"),), (_("Allotted"),), (_("Open"),),
            _("What becomes of the rest"), (_("Your price"),), (_("Alone"),),
        ),
        [
            (
                line.line_number,
                cells.two_lines(line.name, line.sku),
                cells.quantity(line.quantity - line.cancelled),
                cells.quantity(line.covered),
                cells.quantity(line.allocated),
                cells.quantity(line.waiting),
                _rest(line),
                cells.unit_price(line.unit_price, order.currency),
                cells.unit_price(line.solo_unit_price, order.currency),
            )
            for line in lines
        ],
    )  # fmt: skip


def _rest(line: LineExplanation) -> Any:
    words = {
        "none": cells.NOTHING,
        "waits": gettext_lazy("waits for the next cycle"),
        "joined": _("joined %(cycle)s, cut-off %(at)s")
        % {"cycle": line.next_cycle, "at": cells.moment(line.next_cutoff_at)},
    }
    if line.withdrawable_until is None or line.withdrawable_until <= clock.now():
        return words[line.rest]
    until = _("may be withdrawn until %(at)s") % {"at": cells.moment(line.withdrawable_until)}
    return cells.two_lines(words[line.rest], until)


def _sharings(lines: list[LineExplanation]) -> Table:
    return Table(
        _("How it was shared"),
        headings(
            _("Line"), _("Cycle"), _("Rule"), (_("Wanted"),), (_("Exact share"),), (_("Place"),), (_("Owed before"),),
            (_("Allotted"),), (_("Owed after"),), (_("Price break reached"),), _("Sealed input"),
        ),
        [(line.line_number, *row) for line in lines for row in _rows(line)],
        empty=_("No shortage has touched this order."),
    )  # fmt: skip


def _rows(line: LineExplanation) -> Iterator[tuple[Any, ...]]:
    for one in line.sharings:
        yield (
            one.cycle,
            one.policy.replace("_", " "),
            cells.quantity(one.requested),
            _share(one),
            _shown(one.rank),
            _owed(one.carry_in),
            cells.quantity(one.allotted),
            _owed(one.carry_out),
            _shown(one.break_quantity),
            cells.code(one.input_hash[:16]),
        )


def _share(one: Sharing) -> Any:
    if one.is_confidential:
        return _("confidential")
    exact = f"{one.numerator}" if one.denominator == 1 else f"{one.numerator}/{one.denominator}"
    return cells.two_lines(exact, _("all or nothing was asked")) if one.is_forgone else exact


def _owed(value: Any) -> str:
    return "" if value is None else f"{value:+.3f}" if value else "0"


def _shown(value: int | None) -> str:
    return "" if value is None else cells.quantity(value)
