"""The page that shows how full places are and how old their stock is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Table, columns
from b2b.core import clock
from warehousing.selectors import fill


@operator_site.page(
    "warehousing/fill/", name="stock_fill", nav=Nav("stock", 50, "shelves", gettext_lazy("Fill and age"))
)
def stock_fill(request: HttpRequest) -> HttpResponse:
    """Show the fullest places and the oldest stock."""
    context = operator_site.page_context(
        request, _("Fill and age"), tables=[_places(request), _ages(request)]
    )
    return TemplateResponse(request, "warehousing/fill.html", context)


def _places(request: HttpRequest) -> Table:
    rows = []
    for one in fill.places(actor_of(request)):
        full = (
            cells.NOTHING
            if one.per_mille is None
            else cells.progress(min(one.per_mille, 1000), 1000, f"{one.per_mille / 10:.1f} %")
        )
        rows.append(
            (one.warehouse, one.place, one.zone, cells.quantity(one.skus), cells.quantity(one.units), full)
        )
    return Table(
        _("How full places are"),
        columns(
            _("Warehouse"), _("Place"), _("Zone"), (_("Products"),), (_("Base units"),), _("Of its limit")
        ),
        rows,
        empty=_("Nothing stands anywhere."),
    )


def _ages(request: HttpRequest) -> Table:
    rows = [
        (
            cells.two_lines(one.name, one.sku),
            cells.quantity(one.units),
            *map(cells.quantity, (one.upto_30_days, one.upto_90_days, one.upto_180_days, one.older)),
            cells.progress(one.older + one.upto_180_days, one.units, _("older than 90 days")),
            cells.moment(one.since_at),
        )
        for one in fill.ages(actor_of(request), at=clock.now())
    ]
    return Table(
        _("How old stock is"),
        columns(
            _("Product"), (_("Base units"),), (_("30 days"),), (_("90 days"),), (_("180 days"),), (_("Older"),),
            _("Over 90 days"), _("Oldest since"),
        ),
        rows,
        empty=_("There is no stock."),
    )  # fmt: skip
