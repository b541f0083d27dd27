"""Substitutes factories offer for what they cannot make: a dealer takes or leaves each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.nav import Nav
from b2b.admin.sites import dealer_site, operator_site
from b2b.admin.tables import Fact
from orders.models import Substitution
from orders.services import substitution


class SubstitutionPages(ReadOnlyAdmin):
    """Offers, each for a line that came short."""

    nav = Nav("buy", 22, "swap_horiz")
    ordering = ("-pk",)
    list_filter = ("status",)
    list_select_related = ("product", "order_line__product", "order_line__order")
    detail_select_related = ("product", "order_line__product", "order_line__order")
    list_display = (
        "id",
        columns.text("order_line.order.number", gettext_lazy("Order")),
        columns.text("order_line.product.sku", gettext_lazy("Instead of")),
        columns.text("product.sku", gettext_lazy("Offered")),
        columns.quantity("substitute_quantity", gettext_lazy("Quantity")),
        columns.status(),
    )
    buttons = ("accept", "decline")

    def facts(self, request: HttpRequest, obj: Substitution) -> Iterable[Fact]:
        """Say what is offered for what, and when it comes."""
        line = obj.order_line
        yield Fact(_("Order"), f"{line.order.number}, {line.line_number}")
        yield Fact(
            _("Instead of"), f"{cells.quantity(obj.quantity)} {line.product.name} ({line.product.sku})"
        )
        yield Fact(
            _("Offered"), f"{cells.quantity(obj.substitute_quantity)} {obj.product.name} ({obj.product.sku})"
        )
        yield Fact(_("Unit price"), cells.price(obj.unit_price, line.order.currency))
        yield Fact(_("Promised"), cells.day(obj.promised_date))

    @service_action(
        gettext_lazy("Take it"),
        verb="accept",
        confirm=gettext_lazy("The short part is given up, and the order gets a line of the substitute."),
    )
    def accept(self, call: Call) -> Any:
        """Take what is offered."""
        substitution.accept(call.obj, by=call.by, at=call.at)
        return _("The substitute is ordered.")

    @service_action(gettext_lazy("Leave it"), verb="decline", danger=True)
    def decline(self, call: Call) -> Any:
        """Refuse what is offered."""
        substitution.decline(call.obj, by=call.by, at=call.at)
        return _("The short part goes on waiting.")


@admin.register(Substitution, site=dealer_site)
class DealerSubstitutions(SubstitutionPages):
    """What the dealer is offered."""


@admin.register(Substitution, site=operator_site)
class OperatorSubstitutions(SubstitutionPages):
    """What all dealers are offered."""
