"""Production signals: what demand tells factories to make."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from orders.models import ProductionSignal
from orders.policies import signal_reason
from orders.selectors import planning

REASONS_SHOWN = 100


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
        """Show what is wanted when, and why."""
        yield lines_table(request, obj)
        yield Table(
            _("Why"),
            headings(
                _("Line"), (_("Usage a day"),), (_("Lead time, days"),), (_("Red"),), (_("Yellow"),), (_("Green"),),
                (_("On hand"),), (_("On order"),), (_("Demand that counts"),), (_("Lacks"),), _("Computed again"),
            ),
            [
                (
                    str(reason.line.line_number), facts["daily_usage"], facts["lead_time_days"],
                    *(cells.quantity(found[name]) for name in ("red", "yellow", "green")),
                    cells.quantity(facts["on_hand"]), cells.quantity(facts["on_order"]),
                    cells.quantity(found["qualified_demand"]), cells.quantity(found["shortfall"]),
                    _("the same") if signal_reason.recompute(reason.inputs) == reason.result_hash else _("differs"),
                )
                for reason in planning.reasons(actor_of(request), obj)[:REASONS_SHOWN]
                for facts in [json.loads(reason.inputs)]
                for found in [signal_reason.result_of(facts)]
            ],
            empty=_("An outlook and what a cycle raised have no reasons of their own."),
        )  # fmt: skip


def lines_table(request: HttpRequest, signal: ProductionSignal) -> Table:
    """Show what is wanted when, how firm it is, and what became of it."""
    return paged(
        request,
        signal.lines.select_related("product").order_by("line_number"),
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
