"""Savings statements: what pooling saved, and who got which part of it."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import dealer_site, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from b2b.core.actor import Actor
from orders.models import SavingsStatement
from orders.selectors import charges

AMOUNTS = (
    columns.money("baseline", gettext_lazy("Alone"), order="baseline"),
    columns.money("pooled", gettext_lazy("Pooled"), order="pooled"),
    columns.money("dealer_share", gettext_lazy("Dealer's saving"), order="dealer_share"),
)


class StatementPages(ReadOnlyAdmin):
    """What one dealer's goods of one cycle would have cost alone, and what they cost pooled."""

    nav = Nav("money", 40, "savings")
    ordering = ("-pk",)
    search_fields = ("number__startswith",)
    detail_select_related = ("dealer", "cycle", "restates", "restated_by")

    def rows(self, actor: Actor) -> QuerySet[SavingsStatement]:
        """Return what the actor may see, with the costs that fall on it."""
        return charges.on_statements(super().rows(actor))

    def facts(self, request: HttpRequest, obj: SavingsStatement) -> Iterable[Fact]:
        """Say what was saved, and how it was shared."""
        yield Fact(_("Dealer"), obj.dealer.name)
        yield Fact(_("Cycle"), obj.cycle.number)
        if obj.restates is not None:
            yield Fact(_("Takes the place of"), obj.restates.number)
        if (later := getattr(obj, "restated_by", None)) is not None:
            yield Fact(_("Restated by"), later.number)
        yield Fact(_("Bought alone"), cells.money(obj.baseline, obj.currency))
        yield Fact(_("Bought together"), cells.money(obj.pooled, obj.currency))
        yield Fact(_("Dealer's share"), cells.money(obj.dealer_share, obj.currency))
        yield Fact(_("Platform's share"), cells.money(obj.platform_share, obj.currency))
        yield Fact(_("Factory's share"), cells.money(obj.factory_share, obj.currency))
        yield Fact(_("Freight"), cells.money(obj.freight, obj.currency))
        yield Fact(_("Duty"), cells.money(obj.duty, obj.currency))
        yield Fact(_("Fees"), cells.money(obj.fee, obj.currency))
        yield Fact(_("Warehousing"), cells.money(obj.storage, obj.currency))
        yield Fact(_("Saved after costs"), cells.money(obj.saved_after_costs, obj.currency))

    def tables(self, request: HttpRequest, obj: SavingsStatement) -> Iterable[Table]:
        """Show the same by product."""
        yield paged(
            request,
            charges.on_lines().filter(statement=obj),
            _("By product"),
            headings(
                _("Product"),
                (_("Quantity"),),
                (_("Alone"),),
                (_("Pooled"),),
                (_("Dealer's saving"),),
                (_("Freight"),),
                (_("Duty, fees, warehousing"),),
                (_("Saved after costs"),),
            ),
            lambda line: (
                cells.two_lines(line.product.name, line.product.sku),
                cells.quantity(line.quantity),
                cells.money(line.baseline, obj.currency),
                cells.money(line.pooled, obj.currency),
                cells.money(line.dealer_share, obj.currency),
                cells.money(line.freight, obj.currency),
                cells.money(line.duty + line.fee + line.storage, obj.currency),
                cells.money(line.saved_after_costs, obj.currency),
            ),
        )


@admin.register(SavingsStatement, site=dealer_site)
class DealerStatements(StatementPages):
    """The dealer's own statements."""

    list_display = ("number", columns.moment("created_at", gettext_lazy("Stated"), "created_at"), *AMOUNTS)


@admin.register(SavingsStatement, site=operator_site)
class OperatorStatements(StatementPages):
    """The statements of all dealers."""

    list_display = (
        "number",
        columns.text("dealer.name", gettext_lazy("Dealer"), "dealer__name"),
        columns.moment("created_at", gettext_lazy("Stated"), "created_at"),
        *AMOUNTS,
    )
    list_select_related = ("dealer",)
