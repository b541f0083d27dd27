"""A factory's value page: what it sold through the platform and its share of what pooling saved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, plots
from b2b.admin.csv import download
from b2b.admin.home import Figure
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, factory_site
from b2b.admin.tables import Column, Table
from b2b.tower.admin import span as spans
from b2b.tower.selectors import supply_value
from b2b.tower.selectors.supply_value import SupplyValue

GROUPINGS: Final = {
    "period": gettext_lazy("Period"),
    "cycle": gettext_lazy("Order cycle"),
    "category": gettext_lazy("Category"),
    "product": gettext_lazy("Product"),
}
NAMES: Final[dict[str, Any]] = {
    "purchased_quantity": gettext_lazy("Bought of me"),
    "purchased_amount": gettext_lazy("Bought for"),
    "received_quantity": gettext_lazy("Received"),
    "fill_rate": gettext_lazy("Received of bought"),
    "saving_share": gettext_lazy("My share of savings"),
    "claimed_amount": gettext_lazy("Claimed from me"),
    "financing_amount": gettext_lazy("Financing"),
}


@factory_site.page("value/", name="value", nav=Nav("money", 1, "monitoring", gettext_lazy("Value")))
def factory_value(request: HttpRequest) -> HttpResponse:
    """Show a factory its figures; all of them as a file with `?csv=1`."""
    actor, span = actor_of(request), spans.of_request(request)
    by = request.GET.get("by", "")
    by = by if by in GROUPINGS else "period"
    groups = supply_value.by(actor, span, by)
    if request.GET.get("csv"):
        rows = ([one.key, one.label, *(getattr(one, name) for name in NAMES)] for one in groups)
        return download(f"value-by-{by}", [by, "name", *NAMES], rows)
    whole = supply_value.total(groups)
    periods = groups if by == "period" else supply_value.by(actor, span, "period")
    table = Table(
        _("By %(grouping)s") % {"grouping": str(GROUPINGS[by]).lower()},
        [Column(GROUPINGS[by]), *(Column(name, numeric=True) for name in NAMES.values())],
        [[one.label or one.key or _("Of none"), *_cells(one, span.currency)] for one in groups],
    )
    words = _("My share of what pooling saved, by %(step)s, in %(currency)s") % {
        "step": {"day": _("day"), "week": _("week"), "month": _("month")}[span.step],
        "currency": span.currency,
    }
    series = [plots.Series(NAMES["saving_share"], [one.saving_share for one in periods], 1)]
    picture = plots.stacked([one.key for one in periods], series, words)
    shares = [[one.key, cells.money(one.saving_share, span.currency)] for one in periods]
    headings = [Column(_("From")), Column(NAMES["saving_share"], numeric=True)]
    context = factory_site.page_context(
        request,
        _("What I sold and my share of the savings"),
        intro=_("Your share of what pooling saved is owed to you once a cycle is closed."),
        span=span,
        last_day=span.until - timedelta(days=1),
        by=by,
        groupings=list(GROUPINGS.items()),
        query=spans.query(span, by=by),
        narrowed=[("category", span.category)] if span.category else [],
        narrowed_to=span.category or "",
        wide_query=f"by={by}",
        figures=[
            Figure(NAMES[name], text) for name, text in zip(NAMES, _cells(whole, span.currency), strict=True)
        ],
        plots=[(NAMES["saving_share"], picture, Table(NAMES["saving_share"], headings, shares))],
        tables=[table],
        is_empty=not groups,
        empty=_("Nothing was bought of you in this span. Choose another one."),
    )
    return TemplateResponse(request, "tower/value.html", context)


def _cells(one: SupplyValue, currency: str) -> list[str]:
    return [
        cells.quantity(one.purchased_quantity),
        cells.money(one.purchased_amount, currency),
        cells.quantity(one.received_quantity),
        cells.percent(one.fill_rate),
        cells.money(one.saving_share, currency),
        cells.money(one.claimed_amount, currency),
        cells.money(one.financing_amount, currency),
    ]
