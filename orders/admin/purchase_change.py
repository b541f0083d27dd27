"""What factories are asked not to make, and the prices they ask for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from orders.models import PurchaseOrder, PurchaseOrderChange
from orders.services import price_answer, purchase_order_change

TAKE, REFUSE, WAIT = "accept", "refuse", "wait"


@admin.register(PurchaseOrderChange, site=operator_site)
class PurchaseOrderChanges(ReadOnlyAdmin):
    """Requests to make less; the operator enters what a factory said by telephone."""

    nav = Nav("pool", 25, "edit_document")
    ordering = ("-pk",)
    list_filter = ("status",)
    list_select_related = ("factory", "purchase_order")
    detail_select_related = ("factory", "purchase_order")
    search_fields = ("number__startswith", "factory__code__startswith")
    list_display = (
        "number",
        columns.text("factory.name", gettext_lazy("Factory"), "factory__name"),
        columns.text("purchase_order.number", gettext_lazy("Purchase order")),
        columns.status(),
        columns.moment("created_at", gettext_lazy("Asked"), "created_at"),
    )
    buttons = ("agree", "refuse")

    def facts(self, request: HttpRequest, obj: PurchaseOrderChange) -> Iterable[Fact]:
        """Say whom it was sent to."""
        yield Fact(_("Factory"), str(obj.factory))
        yield Fact(
            _("Purchase order"),
            cells.link(obj.purchase_order, f"../../purchaseorder/{obj.purchase_order_id}/"),
        )

    def tables(self, request: HttpRequest, obj: PurchaseOrderChange) -> Iterable[Table]:
        """Show by how much each line shall be less."""
        lines = obj.lines.select_related("purchase_order_line__product").order_by("pk")
        heads = headings(_("Line"), _("Product"), (_("From"),), (_("To"),))
        yield paged(
            request,
            lines,
            _("Lines"),
            heads,
            lambda line: (
                line.purchase_order_line.line_number,
                line.purchase_order_line.product.sku,
                cells.quantity(line.from_quantity),
                cells.quantity(line.to_quantity),
            ),
        )

    @service_action(
        gettext_lazy("The factory agrees"),
        verb="accept",
        confirm=gettext_lazy("The purchase order, the dealer's order and its credit follow at once."),
    )
    def agree(self, call: Call) -> Any:
        """Enter that the factory makes less."""
        purchase_order_change.answer(call.obj, is_accepted=True, by=call.by, at=call.at)
        return _("%(number)s is agreed.") % {"number": call.obj.number}

    @service_action(gettext_lazy("The factory refuses"), verb="refuse", form=ReasonForm, danger=True)
    def refuse(self, call: Call) -> Any:
        """Enter that it does not."""
        purchase_order_change.answer(
            call.obj, is_accepted=False, reason=call.data["reason"], by=call.by, at=call.at
        )
        return _("%(number)s is refused; the dealer still owes what it ordered.") % {
            "number": call.obj.number
        }


def prices_form(request: HttpRequest, order: PurchaseOrder) -> type[forms.Form]:
    """Return a form that asks of each proposed price whether it is accepted."""
    choices = ((WAIT, _("decide later")), (TAKE, _("accept")), (REFUSE, _("refuse")))
    fields: dict[str, forms.Field] = {
        f"line_{one.purchase_order_line.line_number}": forms.ChoiceField(
            label=_("Line %(number)d: %(offered)s instead of %(agreed)s")
            % {
                "number": one.purchase_order_line.line_number,
                "offered": cells.price(one.offered_unit_price, order.currency),
                "agreed": cells.price(one.agreed_unit_price, order.currency),
            },
            choices=choices,
        )
        for one in proposed(order).select_related("purchase_order_line")
    }
    return type("PricesForm", (forms.Form,), fields)


def proposed(order: PurchaseOrder) -> Any:
    """Return the prices of a purchase order that wait for the operator."""
    return order.price_answers.filter(status="PROPOSED").order_by("purchase_order_line__line_number")


def decide_prices(call: Call) -> Any:
    """Accept and refuse prices."""
    said = {int(name.removeprefix("line_")): word for name, word in call.data.items()}
    chosen = {word: [number for number, one in said.items() if one == word] for word in (TAKE, REFUSE)}
    price_answer.decide(call.obj, accept=chosen[TAKE], refuse=chosen[REFUSE], by=call.by, at=call.at)
    return _("%(accepted)d prices accepted, %(refused)d refused.") % {
        "accepted": len(chosen[TAKE]),
        "refused": len(chosen[REFUSE]),
    }
