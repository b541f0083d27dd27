"""Goods received and not invoiced: what stands open by purchase line, since when, why, and whose turn it is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells
from b2b.admin.csv import download
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Table
from b2b.admin.tables import columns as headings
from b2b.core import clock
from finance.selectors import gr_ir_age

SHOWN = 500


@operator_site.page(
    "finance/gr-ir/",
    name="gr_ir",
    nav=Nav("money", 86, "inventory", gettext_lazy("Received, not invoiced")),
)
def gr_ir(request: HttpRequest) -> HttpResponse:
    """Show the sums by age and the lines, the oldest first; all of them as a file with `?csv=1`."""
    lines = gr_ir_age.lines(actor_of(request), clock.today())
    if request.GET.get("csv"):
        return download("gr-ir", gr_ir_age.COLUMNS, gr_ir_age.rows(lines))
    sums = Table(
        _("By age"),
        headings(_("Factory"), _("Days"), (_("Lines"),), (_("Open"),)),
        [
            (one.factory, one.band, cells.quantity(one.count), cells.money(one.amount, one.currency))
            for one in gr_ir_age.by_age(lines)
        ],
        empty=_("Everything that was received is invoiced."),
    )
    found = Table(
        _("Purchase lines, the oldest first"),
        headings(
            _("Purchase order"), _("Factory"), _("Product"), (_("Accepted"),), (_("Billed"),), (_("Open"),), _("Since"),
            (_("Days"),), _("Why"), _("Whose turn"),
        ),
        [
            (
                f"{one.purchase_order} / {one.line}", cells.two_lines(one.factory_name, one.factory), one.sku,
                cells.quantity(one.accepted), cells.quantity(one.billed), cells.money(one.open_amount, one.currency),
                cells.day(one.since) if one.since else cells.NOTHING, cells.quantity(one.age_days), one.reason,
                one.owner,
            )
            for one in lines[:SHOWN]
        ],
        empty=_("Nothing waits."),
    )  # fmt: skip
    context = operator_site.page_context(
        request, _("Received, not invoiced"), tables=[sums, found], download="?csv=1"
    )
    return TemplateResponse(request, "b2b_admin/tables_page.html", context)
