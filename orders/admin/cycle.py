"""Order cycles: when demand is pooled, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Count, F, Sum
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core import clock
from b2b.db.selectors import visible
from orders.admin import cycle_rules
from orders.admin.cost import AddsCosts
from orders.admin.cycle_forms import ExtendForm, PlanForm
from orders.admin.cycle_tables import moments, pools_table
from orders.models import OrderCycle, OrderLine
from orders.selectors import pool_progress
from orders.services import cycle_plan, order_cycle
from orders.states import BEFORE_CUTOFF

SHOWN = 100


@admin.register(OrderCycle, site=operator_site)
class Cycles(AddsCosts, ReadOnlyAdmin):
    """The cycles of all factories."""

    nav = Nav("pool", 10, "hourglass_top")
    ordering = ("-cutoff_at",)
    list_display = (
        "number",
        columns.text("supplied_by", gettext_lazy("Factory or category"), "factory__name"),
        columns.text("warehouse_site.code", gettext_lazy("Warehouse")),
        columns.status(),
        columns.moment("opens_at", gettext_lazy("Opens"), "opens_at"),
        columns.moment("cutoff_at", gettext_lazy("Cut-off"), "cutoff_at"),
    )
    list_select_related = ("factory", "warehouse_site")
    list_filter = ("status",)
    search_fields = ("number__startswith", "factory__code__startswith")
    detail_select_related = ("factory", "warehouse_site")

    list_before_template = "orders/cycle_links.html"
    buttons = ("extend", "declare", "plan_another", "close", "call_off", "stop_repeating", "add_cost")

    def facts(self, request: HttpRequest, obj: OrderCycle) -> Iterable[Fact]:
        """Say when and by which rules the cycle pools."""
        yield Fact(_("Factory or category"), obj.supplied_by)
        yield Fact(_("Warehouse"), str(obj.warehouse_site))
        yield from moments(obj)
        joined = visible(actor_of(request), OrderLine).filter(cycle=obj, order__status="CONFIRMED")
        yield Fact(
            _("Dealers who joined"), joined.aggregate(dealers=Count("dealer", distinct=True))["dealers"]
        )
        yield from cycle_rules.facts(obj)

    def tables(self, request: HttpRequest, obj: OrderCycle) -> Iterable[Table]:
        """Show how full the pools are, the demand by product, and the purchase orders that came of it."""
        if obj.status in BEFORE_CUTOFF:
            yield pools_table(obj, pool_progress.of_cycle(actor_of(request), obj, at=clock.now()))
        demand = (
            visible(actor_of(request), OrderLine)
            .filter(cycle=obj)
            .values("product__sku", "product__name")
            .annotate(
                dealers=Count("dealer", distinct=True),
                wanted=Sum(F("requested") - F("cancelled")),
                from_stock=Sum("covered"),
                at_factory=Sum("pooled"),
            )
            .order_by("-wanted")[:SHOWN]
        )
        yield Table(
            _("Demand by product"),
            headings(
                _("Product"), (_("Dealers"),), (_("Wanted"),), (_("From stock"),), (_("At the factory"),)
            ),
            [
                (
                    cells.two_lines(row["product__name"], row["product__sku"]),
                    row["dealers"],
                    *(cells.quantity(row[name]) for name in ("wanted", "from_stock", "at_factory")),
                )
                for row in demand
            ],
            empty=_("No dealer has ordered in this cycle yet."),
        )
        yield Table(
            _("Purchase orders"),
            headings(_("Number"), _("Status"), (_("Net"),), (_("Answers"),)),
            [
                (
                    cells.link(purchase.number, f"../../purchaseorder/{purchase.pk}/"),
                    cells.badge(purchase.status, purchase.get_status_display()),
                    cells.money(purchase.total_net, purchase.currency),
                    purchase.response_version,
                )
                for purchase in obj.purchase_orders.order_by("number")
            ],
            empty=_("The cut-off has not come, or stock served everything."),
        )
        yield cycle_rules.table(obj)

    @service_action(gettext_lazy("Extend"), verb="extend", form=ExtendForm)
    def extend(self, call: Call) -> Any:
        """Move the cut-off back."""
        cycle_plan.extend(call.obj, **call.data, by=call.by, at=call.at)
        return _("The cycle now takes orders until %(moment)s.") % {
            "moment": cells.moment(call.data["cutoff_at"])
        }

    @service_action(gettext_lazy("Change the rules"), verb="declare", form=cycle_rules.policy_form)
    def declare(self, call: Call) -> Any:
        """Change what the cycle declares, before its cut-off."""
        return cycle_rules.declare(call)

    @service_action(gettext_lazy("Plan another like it"), form=PlanForm)
    def plan_another(self, call: Call) -> Any:
        """Plan a cycle of the same factory or category."""
        old = call.obj
        made = cycle_plan.plan(
            old.factory,
            category=old.category,
            warehouse=old.warehouse_site,
            region=old.region,
            currency=old.currency,
            window_days=old.window_days,
            policy=old.policy,
            **call.data,
            by=call.by,
            at=call.at,
        )
        return _("%(number)s is planned and opens by itself.") % {"number": made.number}

    @service_action(gettext_lazy("Call off"), verb="cancel", form=ReasonForm, danger=True)
    def call_off(self, call: Call) -> Any:
        """Call the cycle off; its orders wait for the next."""
        cycle_plan.cancel(call.obj, reason=call.data["reason"], by=call.by, at=call.at)
        return _("The cycle is called off; its orders wait for the next one.")

    @service_action(
        gettext_lazy("Stop repeating"),
        when=lambda cycle: bool(cycle.recurrence),
        confirm=gettext_lazy(
            "No further cycle is planned after this one; one that is planned already stays."
        ),
    )
    def stop_repeating(self, call: Call) -> Any:
        """Let no cycle follow."""
        cycle_plan.stop(call.obj, by=call.by, at=call.at)
        return _("No cycle will follow.")

    @service_action(
        gettext_lazy("Close now"),
        verb="freeze",
        danger=True,
        confirm=gettext_lazy(
            "The demand of all dealers is pooled at once into one purchase order per factory, before its cut-off"
            " if need be. Dealers cannot change these orders afterwards."
        ),
    )
    def close(self, call: Call) -> Any:
        """Pool what is wanted."""
        placed = order_cycle.close(call.obj, early=True, by=call.by, at=call.at)
        if not placed:
            return _("Nothing was wanted; the cycle is closed.")
        return _("Placed: %(numbers)s.") % {"numbers": ", ".join(one.number for one in placed)}
