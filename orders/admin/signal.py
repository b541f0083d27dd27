"""Production signals: what demand tells factories to make."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from orders.models import ProductionSignal


@admin.register(ProductionSignal, site=operator_site)
class Signals(ReadOnlyAdmin):
    """Quantities per product and week for one factory."""

    nav = Nav("pool", 40, "campaign")
    ordering = ("-pk",)
    list_display = (
        "number",
        columns.text("factory.name", gettext_lazy("Factory"), "factory__name"),
        columns.status(),
        columns.moment("created_at", gettext_lazy("Raised"), "created_at"),
    )
    list_select_related = ("factory",)
    list_filter = ("status",)
    search_fields = ("number__startswith",)
    detail_select_related = ("factory", "cycle")

    def facts(self, request: HttpRequest, obj: ProductionSignal) -> Iterable[Fact]:
        """Say for whom and why."""
        yield Fact(_("Factory"), str(obj.factory))
        yield Fact(_("Raised"), cells.moment(obj.created_at))
        if obj.cycle_id:
            yield Fact(_("Cycle"), cells.link(obj.cycle, f"../../ordercycle/{obj.cycle_id}/"))

    def tables(self, request: HttpRequest, obj: ProductionSignal) -> Iterable[Table]:
        """Show what is wanted when."""
        yield paged(
            request,
            obj.lines.select_related("product").order_by("line_number"),
            _("Lines"),
            headings(
                _("Week of"),
                _("Product"),
                (_("Wanted"),),
                _("How firm"),
                (_("Committed"),),
                (_("Ordered"),),
                (_("Come"),),
            ),
            lambda line: (
                cells.day(line.week_start_date),
                cells.two_lines(line.product.name, line.product.sku),
                cells.quantity(line.quantity),
                line.get_commitment_display(),
                cells.quantity(line.committed_quantity),
                cells.quantity(line.ordered_quantity),
                cells.quantity(line.fulfilled_quantity),
            ),
        )
