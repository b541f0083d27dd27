"""The operator's planning desk: buffers in their colours, plans with their exceptions, forecasts beside what came."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
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
from b2b.core.actor import Actor
from orders.admin import planning_plots
from orders.models import BufferSnapshot, ForecastLine, PlanRun
from orders.policies import buffer as policy
from orders.selectors import demand, planning

COLOURS = {
    "DARK_RED": gettext_lazy("Dark red"),
    "RED": gettext_lazy("Red"),
    "YELLOW": gettext_lazy("Yellow"),
    "GREEN": gettext_lazy("Green"),
    "BLUE": gettext_lazy("Too much"),
}


def colour_of(shot: BufferSnapshot) -> Any:
    """Name the colour of a buffer by what is on hand."""
    zone = policy.Zones(shot.red_base, shot.red_safety, shot.yellow, shot.green)
    return COLOURS[policy.colour(zone, shot.on_hand)]


def _picture(shot: BufferSnapshot) -> Any:
    words = _("%(colour)s: %(on_hand)s on hand, net flow %(net)s of %(top)s") % {
        "colour": colour_of(shot),
        "on_hand": cells.quantity(shot.on_hand),
        "net": cells.quantity(shot.net_flow),
        "top": cells.quantity(shot.top_of_green),
    }
    return planning_plots.zones(shot, words)


@admin.register(BufferSnapshot, site=operator_site)
class Buffers(ReadOnlyAdmin):
    """Every buffer as its last plan found it."""

    nav = Nav("pool", 41, "battery_horiz_050")
    ordering = ("-shortfall", "pk")
    list_display = (
        columns.text("buffer.product.sku", gettext_lazy("Product"), "buffer__product__sku"),
        columns.text("buffer.factory.name", gettext_lazy("Factory"), "buffer__factory__name"),
        "colour",
        columns.quantity("on_hand", gettext_lazy("On hand"), "on_hand"),
        columns.quantity("on_order", gettext_lazy("On order"), "on_order"),
        columns.quantity("qualified_demand", gettext_lazy("Demand that counts")),
        columns.quantity("net_flow", gettext_lazy("Net flow")),
        columns.quantity("shortfall", gettext_lazy("Lacks"), "shortfall"),
    )
    search_fields = ("buffer__product__sku__startswith",)
    detail_select_related = ("buffer__product", "buffer__factory", "run")

    @admin.display(description=gettext_lazy("Colour"))
    def colour(self, obj: BufferSnapshot) -> Any:
        """Name the colour."""
        return colour_of(obj)

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the latest of each."""
        return planning.latest_buffers(actor)

    def facts(self, request: HttpRequest, obj: BufferSnapshot) -> Iterable[Fact]:
        """Say what it is and show it."""
        yield Fact(_("Product"), cells.two_lines(obj.buffer.product.name, obj.buffer.product.sku))
        yield Fact(_("Factory"), str(obj.buffer.factory))
        yield Fact(_("Planned on"), cells.day(obj.run.as_of_date))
        yield Fact(_("Zones"), _picture(obj))

    def tables(self, request: HttpRequest, obj: BufferSnapshot) -> Iterable[Table]:
        """Show what the zones and the net flow are made of."""
        rows = (
            (_("Usage a day"), f"{obj.daily_usage.normalize():f}"),
            (_("Lead time, days"), f"{obj.lead_time_days.normalize():f}"),
            (_("Top of red"), cells.quantity(obj.top_of_red)),
            (_("Top of yellow"), cells.quantity(obj.top_of_yellow)),
            (_("Top of green"), cells.quantity(obj.top_of_green)),
            (_("On hand"), cells.quantity(obj.on_hand)),
            (_("On order"), cells.quantity(obj.on_order)),
            (_("Demand that counts"), cells.quantity(obj.qualified_demand)),
            (_("Net flow"), cells.quantity(obj.net_flow)),
            (_("Lacks"), cells.quantity(obj.shortfall)),
        )
        yield Table(_("How it is computed"), headings(_("Figure"), (_("Value"),)), rows)


@admin.register(PlanRun, site=operator_site)
class Plans(ReadOnlyAdmin):
    """What each factory was told, and what a person should ask it for."""

    nav = Nav("pool", 42, "event_note")
    ordering = ("-pk",)
    list_display = (
        columns.text("factory.name", gettext_lazy("Factory"), "factory__name"),
        "period_key",
        columns.day("as_of_date", gettext_lazy("As of"), "as_of_date"),
        columns.moment("created_at", gettext_lazy("Planned"), "created_at"),
    )
    list_select_related = ("factory",)
    detail_select_related = ("factory",)

    def facts(self, request: HttpRequest, obj: PlanRun) -> Iterable[Fact]:
        """Say for whom, when, and what was read."""
        yield Fact(_("Factory"), str(obj.factory))
        yield Fact(_("As of"), cells.day(obj.as_of_date))
        yield Fact(_("Hash of what it read"), cells.code(obj.facts_hash[:16]))

    def tables(self, request: HttpRequest, obj: PlanRun) -> Iterable[Table]:
        """Show exceptions, signals, and the factory's weeks against what it can make."""
        actor = actor_of(request)
        yield paged(
            request,
            planning.exceptions(actor).filter(run=obj).order_by("pk"),
            _("Ask the factory"),
            headings(_("What"), _("Product"), (_("Quantity"),), _("Signal")),
            lambda one: (
                one.get_kind_display(),
                cells.two_lines(one.product.name, one.product.sku),
                cells.quantity(one.quantity),
                one.line.signal.number if one.line_id else "",
            ),
            parameter="exceptions",
            empty=_("Nothing that was committed to should change."),
        )
        yield paged(
            request,
            planning.consumption(actor).filter(run=obj).order_by("pk"),
            _("Orders in place of forecast"),
            headings(
                _("Order"),
                _("Product"),
                _("Needed in the week of"),
                _("Forecast of the week of"),
                (_("Quantity"),),
            ),
            lambda one: (
                one.order_line.order.number,
                cells.two_lines(one.order_line.product.name, one.order_line.product.sku),
                cells.day(one.asked_week_date),
                cells.day(one.week_start_date) if one.week_start_date else _("beyond the forecast"),
                cells.quantity(one.quantity),
            ),
            parameter="consumption",
            empty=_(
                "No order takes the place of a forecast in this plan; only the last plan of a factory keeps it."
            ),
        )
        weeks = planning.weeks_of(actor, obj.factory_id, since=obj.as_of_date)
        yield Table(
            _("Weeks of the factory"),
            headings(
                _("Week of"), _("Product"), (_("Asked"),), (_("Firm"),), (_("Committed"),), (_("Capacity"),)
            ),
            [
                (
                    cells.day(one.week_start_date),
                    cells.two_lines(one.name, one.sku),
                    cells.quantity(one.asked),
                    cells.quantity(one.firm),
                    cells.quantity(one.committed),
                    cells.quantity(one.weekly_capacity),
                )
                for one in weeks[:200]
            ],
            empty=_("Nothing is asked for."),
        )


@admin.register(ForecastLine, site=operator_site)
class Forecasts(ReadOnlyAdmin):
    """What is expected, how it was forecast, and how good that was."""

    nav = Nav("pool", 43, "query_stats")
    ordering = ("-run_id", "product_id")
    list_display = (
        columns.text("product.sku", gettext_lazy("Product"), "product__sku"),
        "region",
        columns.day("run.first_week_date", gettext_lazy("From week")),
        "kind",
        "method",
        columns.text("lead_mean", gettext_lazy("Over the lead time")),
        columns.text("value_added", gettext_lazy("Value added"), "value_added"),
        columns.text("bias", gettext_lazy("Bias"), "bias"),
        columns.text("tracking_signal", gettext_lazy("Tracking signal"), "tracking_signal"),
    )
    list_filter = ("kind", "method")
    list_select_related = ("product", "run")
    search_fields = ("product__sku__startswith",)
    detail_select_related = ("product", "run")

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return all runs, the latest first."""
        return demand.forecasts(actor)

    def facts(self, request: HttpRequest, obj: ForecastLine) -> Iterable[Fact]:
        """Say what, how, and draw it beside what came."""
        yield Fact(_("Product"), cells.two_lines(obj.product.name, obj.product.sku))
        yield Fact(_("Region"), obj.region)
        yield Fact(_("Method"), obj.get_method_display())
        yield Fact(_("Value added"), f"{obj.value_added}")
        yield Fact(_("Asked for (solid), forecast (dashed)"), self._plot(obj))

    @staticmethod
    def _plot(obj: ForecastLine) -> Any:
        return planning_plots.against_actual(
            planning.against_actual(obj),
            _("Demand by week beside its forecast; the table below has the figures"),
        )

    def tables(self, request: HttpRequest, obj: ForecastLine) -> Iterable[Table]:
        """Show the figures of the plot."""
        points = planning.against_actual(obj)
        yield Table(
            _("Week by week"),
            headings(_("Week of"), (_("Asked for"),), (_("Forecast"),)),
            [
                (cells.day(monday), cells.quantity(came), "" if told is None else f"{told}")
                for monday, came, told in points
            ],
        )
