"""Rehearsals: what other rules of replenishment would have come to, with what factories would have been asked for."""

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
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core.actor import Actor
from orders.admin import planning_plots
from orders.models import Rehearsal
from orders.policies.rehearsal import comparison
from orders.selectors import rehearsal

RULES = {
    "signals": gettext_lazy("Signals"),
    "order by order": gettext_lazy("Order by order"),
    "reorder point": gettext_lazy("Reorder point"),
    "as it is": gettext_lazy("Buffers as they are"),
    "as proposed": gettext_lazy("Buffers as proposed"),
}


@admin.register(Rehearsal, site=operator_site)
class Rehearsals(ReadOnlyAdmin):
    """Markets and past demand that were played by several rules."""

    nav = Nav("pool", 44, "science")
    list_display = (
        "__str__",
        columns.text("factory.name", gettext_lazy("Factory")),
        columns.moment("created_at", gettext_lazy("Played"), "created_at"),
    )
    list_select_related = ("factory",)
    ordering = ("-pk",)

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return all of them."""
        return rehearsal.rehearsals(actor)

    def facts(self, request: HttpRequest, obj: Rehearsal) -> Iterable[Fact]:
        """Say what was played, and draw what each rule asked of the factories beside what was wanted."""
        yield Fact(_("Played"), str(obj))
        yield Fact(_("Played with"), obj.settings)
        yield Fact(_("Hash of the demand"), cells.code(obj.facts_hash[:16]))
        for name, one in comparison.read(obj.outcomes).items():
            label = _("%(rule)s: wanted each week (solid), asked of the factories (dashed)") % {
                "rule": RULES[name]
            }
            yield Fact(label, planning_plots.by_week(one.weekly_demand, one.weekly_orders, label))

    def tables(self, request: HttpRequest, obj: Rehearsal) -> Iterable[Table]:
        """Set service, stock and variance side by side."""
        yield Table(
            _("Side by side"),
            headings(
                _("Rule"),
                (_("Given on its day"),),
                (_("Stock, days of demand"),),
                (_("Variance of orders to demand"),),
            ),
            [
                (RULES[name], f"{one.service:.2%}", f"{one.stock_days:.1f}", f"{one.bullwhip:.2f}")
                for name, one in comparison.read(obj.outcomes).items()
            ],
        )
