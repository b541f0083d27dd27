"""Orders: the dealer's own, and everybody's for the operator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from b2b.admin import cells, columns
from b2b.admin.actions import Call, ReasonForm, service_action
from b2b.admin.base import ReadOnlyAdmin
from b2b.admin.lines import paged
from b2b.admin.nav import Nav
from b2b.admin.sites import actor_of, dealer_site, operator_site
from b2b.admin.tables import Fact, Table
from b2b.admin.tables import columns as headings
from orders.admin import order_edit, why
from orders.admin.bulk_draft import OWN_KEY
from orders.admin.return_request import AsksForReturns
from orders.admin.stages import STAGES, stage_of
from orders.models import Order, OrderLine
from orders.selectors import order as reading
from orders.selectors.explanation import is_shared
from orders.services import order as orders
from orders.services import order_reopening, withdrawal


@display(description=gettext_lazy("Your reference"))
def reference(order: Order) -> str:
    """Show the dealer's own reference, not the key that a web form makes up."""
    text = order.external_reference
    return "" if text.startswith(OWN_KEY) else text


class OrderPages(ReadOnlyAdmin):
    """A list of orders; the page of one with its lines, where they are, and its timeline."""

    nav = Nav("buy", 20, "receipt_long")
    ordering = ("-pk",)
    list_filter = ("status",)
    search_fields = ("number__startswith", "external_reference__startswith")
    detail_select_related = ("dealer", "ship_to_site")
    buttons: Sequence[str] = ("edit", "add", "withdraw", "cancel", "reopen")

    def facts(self, request: HttpRequest, obj: Order) -> Iterable[Fact]:
        """Say what was agreed."""
        yield Fact(_("Placed"), cells.moment(obj.created_at))
        yield Fact(_("Ship to"), obj.ship_to_site.name)
        if reference(obj):
            yield Fact(_("Your reference"), reference(obj))
        yield Fact(_("Payment terms"), _("%(days)d days") % {"days": obj.payment_terms_days})
        yield Fact(_("Net"), cells.money(obj.total_net, obj.currency))
        yield Fact(_("Tax"), cells.money(obj.total_tax, obj.currency))
        yield Fact(_("Total"), cells.money(obj.total_gross, obj.currency))
        if is_shared(obj):
            yield Fact(_("Shortage"), why.link(self.admin_site, obj))

    def tables(self, request: HttpRequest, obj: Order) -> Iterable[Table]:
        """Show the lines, a page at a time, each with how far its goods have come."""
        lines = reading.lines(actor_of(request)).filter(order=obj).order_by("line_number")
        heads = headings(
            _("Line"),
            _("Product"),
            (_("Ordered"),),
            (_("Price, %(currency)s") % {"currency": obj.currency},),
            (_("Net, %(currency)s") % {"currency": obj.currency},),
            _("Where it is"),
            (_("Delivered"),),
        )
        yield paged(request, lines, _("Lines"), heads, lambda line: self._line(obj, line))
        changed = order_edit.history(request, obj)
        if changed:
            yield changed

    @service_action(gettext_lazy("Change a line"), verb="change", form=order_edit.EditForm)
    def edit(self, call: Call) -> Any:
        """Change the quantity, date or site of a line, at any stage until it leaves."""
        return order_edit.edit(call)

    @service_action(gettext_lazy("Add a line"), verb="change", form=order_edit.AddForm)
    def add(self, call: Call) -> Any:
        """Order something more with the same order."""
        return order_edit.add(call)

    @service_action(
        gettext_lazy("Withdraw lines"),
        verb="change",
        form=why.withdraw_form,
        danger=True,
        when=lambda order: why.withdrawable(order).exists(),
    )
    def withdraw(self, call: Call) -> Any:
        """Give up lines that came short or dearer."""
        lines = call.data["lines"]
        withdrawal.withdraw(call.obj, lines=lines, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(count)d lines of %(number)s are withdrawn.") % {
            "count": len(lines),
            "number": call.obj.number,
        }

    @service_action(
        gettext_lazy("Cancel the order"),
        verb="cancel",
        form=ReasonForm,
        danger=True,
        confirm=gettext_lazy("Free until the cut-off of the cycle; the credit it holds is released at once."),
    )
    def cancel(self, call: Call) -> Any:
        """Withdraw the order."""
        orders.cancel(call.obj, reason=call.data["reason"], by=call.by, at=call.at)
        return _("%(number)s is cancelled.") % {"number": call.obj.number}

    @service_action(
        gettext_lazy("Reopen the order"),
        verb="reopen",
        form=ReasonForm,
        confirm=gettext_lazy(
            "It is ordered again at today's prices, if your credit allows, and joins the next cycle."
        ),
    )
    def reopen(self, call: Call) -> Any:
        """Take a cancelled order up again."""
        found = order_reopening.reopen(call.obj, reason=call.data["reason"], by=call.by, at=call.at)
        told = {"number": found.number}
        if found.status == "AWAITING_APPROVAL":
            return _("%(number)s waits for approval.") % told
        return _("%(number)s is confirmed again.") % told

    @staticmethod
    def _line(order: Order, line: Any) -> tuple[Any, ...]:
        stage = stage_of(line)
        return (
            line.line_number,
            cells.two_lines(line.product.name, line.product.sku),
            _entered(line),
            cells.unit_price(line.unit_price, order.currency),
            cells.amount(line.net_amount, order.currency),
            _where(line, stage),
            cells.quantity(line.delivered),
        )


def _where(line: Any, stage: str) -> Any:
    shown = cells.badge(stage, STAGES[stage])
    if line.cancel_requested:
        words = _("cancel requested: %(units)s") % {"units": cells.quantity(line.cancel_requested)}
        return cells.two_lines(shown, words)
    if line.given_up:
        return cells.two_lines(shown, _("given up: %(units)s") % {"units": cells.quantity(line.given_up)})
    if line.need_by_date is None:
        return shown
    return cells.two_lines(shown, _("needed by %(day)s") % {"day": cells.day(line.need_by_date)})


def _entered(line: OrderLine) -> Any:
    base = cells.quantity(line.quantity)
    if line.entered_unit in ("", line.product.base_unit):
        return base
    return cells.two_lines(base, f"{cells.quantity(line.entered_quantity)} {line.entered_unit}")


@admin.register(Order, site=dealer_site)
class DealerOrders(AsksForReturns, OrderPages):
    """The dealer's own orders."""

    buttons = ("again", "edit", "add", "withdraw", "give_back", "cancel", "reopen")
    list_display = (
        "number",
        columns.status(),
        columns.moment("created_at", gettext_lazy("Placed"), "created_at"),
        reference,
        columns.money("total_gross", gettext_lazy("Total"), order="total_gross"),
    )

    @service_action(gettext_lazy("Order again"))
    def again(self, call: Call) -> Any:
        """Put the same goods into a new bulk order."""
        return HttpResponseRedirect(reverse("dealer:bulk_order") + f"?again={call.obj.pk}")


@admin.register(Order, site=operator_site)
class OperatorOrders(OrderPages):
    """The orders of all dealers."""

    list_display = (
        "number",
        columns.text("dealer.name", gettext_lazy("Dealer"), "dealer__name"),
        columns.status(),
        columns.moment("created_at", gettext_lazy("Placed"), "created_at"),
        columns.money("total_gross", gettext_lazy("Total"), order="total_gross"),
    )
    list_select_related = ("dealer",)
    search_fields = (*OrderPages.search_fields, "dealer__code__startswith")

    def facts(self, request: HttpRequest, obj: Order) -> Iterable[Fact]:
        """Name the dealer too."""
        yield Fact(_("Dealer"), str(obj.dealer))
        yield from super().facts(request, obj)
