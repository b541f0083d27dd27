"""A dealer's view of a cycle: what it joined, how near the next price is, and what would fill a pack."""

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
from b2b.admin.sites import actor_of, dealer_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core import clock
from b2b.core.actor import Actor
from orders.admin import cycle_rules
from orders.admin.cycle_tables import moments, next_price
from orders.models import OrderCycle
from orders.policies import progress
from orders.selectors import order_cycle, pool_progress
from orders.selectors.pool_progress import Progress

CEILINGS = {
    progress.REACHED: gettext_lazy("your highest price is reached"),
    progress.POSSIBLE: gettext_lazy("your highest price may be reached"),
    progress.NOT_YET: gettext_lazy("your highest price is not reached yet"),
}


@admin.register(OrderCycle, site=dealer_site)
class DeskCycles(ReadOnlyAdmin):
    """The cycles a dealer's orders may join."""

    nav = Nav("buy", 30, "hourglass_top")
    ordering = ("-cutoff_at",)
    list_display = (
        "number",
        columns.text("supplied_by", gettext_lazy("Factory or category")),
        columns.status(),
        columns.moment("opens_at", gettext_lazy("Opens"), "opens_at"),
        columns.moment("cutoff_at", gettext_lazy("Cut-off"), "cutoff_at"),
    )
    list_filter = ("status",)
    search_fields = ("number__startswith",)

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the cycles a dealer may know."""
        return order_cycle.visible(actor)

    def facts(self, request: HttpRequest, obj: OrderCycle) -> Iterable[Fact]:
        """Say who supplies, when, and by which declared rules."""
        yield Fact(_("Factory or category"), obj.supplied_by)
        yield from moments(obj)
        yield from cycle_rules.facts(obj)

    def tables(self, request: HttpRequest, obj: OrderCycle) -> Iterable[Table]:
        """Show the dealer's pools; the others' orders only as steps that were told at declared moments."""
        pools = pool_progress.of_cycle(actor_of(request), obj, at=clock.now())
        yield Table(
            _("Your pools"),
            headings(_("Product"), (_("Yours"),), (_("Price so far"),), _("To the next price"), _("Helps")),
            [
                (
                    cells.two_lines(one.name, one.sku),
                    cells.quantity(one.own_quantity),
                    cells.price(one.unit_price, obj.currency),
                    next_price(one, obj.currency),
                    _helps(one),
                )
                for one in pools
            ],
            empty=_("You have not joined, and too few dealers have for anything to be told."),
            note=_(
                "The price so far is sure. What others order is told in steps, at declared moments and from so many"
                " dealers on as the cycle declares; yours is exact."
            ),
        )
        yield cycle_rules.table(obj)


def _helps(one: Progress) -> Any:
    if one.fills_pack:
        return _("%(units)s more fill a pack") % {"units": cells.quantity(one.fills_pack)}
    return CEILINGS[one.ceiling] if one.ceiling else ""
