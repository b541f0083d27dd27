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
from b2b.admin.actions import Call, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.db.selectors import visible
from orders.admin.cost import AddsCosts
from orders.models import OrderCycle, OrderLine
from orders.services import order_cycle

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

    buttons = ("close", "add_cost")

    def facts(self, request: HttpRequest, obj: OrderCycle) -> Iterable[Fact]:
        """Say when and by which rules the cycle pools."""
        yield Fact(_("Factory or category"), obj.supplied_by)
        yield Fact(_("Warehouse"), str(obj.warehouse_site))
        yield Fact(_("Opens"), cells.moment(obj.opens_at))
        yield Fact(_("Cut-off"), cells.moment(obj.cutoff_at))
        yield Fact(_("Shortage is shared"), str(obj.policy.get("fair_share", "")).replace("_", " "))
        yield Fact(_("Saving is shared"), _sharing(obj))
        if obj.policy_hash:
            yield Fact(_("Policy seal"), cells.code(obj.policy_hash[:16]))

    def tables(self, request: HttpRequest, obj: OrderCycle) -> Iterable[Table]:
        """Show the pooled demand by product, and the purchase orders that came of it."""
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


def _sharing(cycle: OrderCycle) -> str:
    parts = cycle.policy.get("sharing", {})
    return ", ".join(f"{name} {basis_points / 100:g} %" for name, basis_points in parts.items())
