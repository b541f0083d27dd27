"""Orders, one by one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from b2b.core.actor import DEALER, OPERATOR, Actor
from b2b.core.errors import NotFound
from b2b.http.views import CommandView, DetailView, ListView
from orders.rest.filters import OrderFilter
from orders.rest.parties import dealer_of, site_of
from orders.rest.shapes.order import (
    CancelInput,
    LineShape,
    OrderInput,
    OrderShape,
    QuoteInput,
    QuotesShape,
    ReopenInput,
    StatusShape,
)
from orders.selectors import order as selectors
from orders.selectors import order_page, quote
from orders.services import bulk_order, order, order_change, order_reopening
from orders.services.order_change import LineEdit

PARTIES = {DEALER, OPERATOR}


class Orders(ListView, CommandView):
    """List the caller's orders; POST places and confirms one: all of its lines or nothing."""

    scope, kinds = "orders", PARTIES
    selector = selectors.visible
    serializer = output = OrderShape
    quick = order_page.newest
    filterset = OrderFilter
    input, status = OrderInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Judge the lines and place the order."""
        dealer = dealer_of(by, data["dealer"])
        return bulk_order.submit(
            bulk_order.rows_of(data["lines"]),
            dealer=dealer,
            ship_to=site_of(by, dealer, data["ship_to"]),
            external_reference=data["external_reference"],
            currency=data["currency"],
            by=by,
            at=at,
        ).order


class OneOrder(DetailView):
    """Show an order; its lines are at `lines/`."""

    scope, kinds = "orders", PARTIES
    selector = selectors.visible
    serializer = OrderShape


class OrderLines(ListView):
    """List the lines of an order with how far the goods have come."""

    scope, kinds = "orders", PARTIES
    serializer = LineShape
    ordering = "line_number"

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the lines of the order in the URL.

        :raises NotFound: when the actor knows no such order.
        """
        return selectors.lines(actor).filter(order_id=_known(self, actor))


class History(ListView):
    """List who moved an order when and why, oldest first."""

    scope, kinds = "orders", PARTIES
    serializer = StatusShape
    ordering = "pk"

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the status changes of the order in the URL.

        :raises NotFound: when the actor knows no such order.
        """
        return selectors.timeline(actor, _known(self, actor))


def _known(view: Any, actor: Actor) -> UUID:
    order_id: UUID = view.kwargs.get("order_id", UUID(int=0))
    if view.kwargs and not selectors.visible(actor).filter(pk=order_id).exists():
        raise NotFound
    return order_id


class Cancel(CommandView):
    """Cancel an order, free until the cut-off of the cycles its lines joined, or some of its lines at any stage."""

    scope, kinds = "orders", PARTIES
    selector = selectors.visible
    input, output = CancelInput, OrderShape
    versioned = True

    def call(self, data: Any, *, by: Actor, at: Any, order_id: UUID) -> Any:
        """Withdraw the order."""
        found = self.find()
        if not data["lines"]:
            return order.cancel(found, reason=data["reason"], by=by, at=at)
        edits = [LineEdit(number, quantity=0) for number in sorted(set(data["lines"]))]
        return order_change.change(found, edits=edits, reason=data["reason"], by=by, at=at).order


class Reopen(CommandView):
    """Take a cancelled order up again at today's terms and prices, as long as nobody acted on it."""

    scope, kinds = "orders", PARTIES
    selector = selectors.visible
    input, output = ReopenInput, OrderShape
    versioned = True

    def call(self, data: Any, *, by: Actor, at: Any, order_id: UUID) -> Any:
        """Judge, price and confirm the order anew."""
        return order_reopening.reopen(self.find(), reason=data["reason"], by=by, at=at)


class Prices(CommandView):
    """Quote prices, breaks, rules and stock for up to 10,000 products and quantities."""

    scope, kinds = "orders", PARTIES
    input, output = QuoteInput, QuotesShape

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Quote every pair."""
        dealer = dealer_of(by, data["dealer"])
        currency = data["currency"] or dealer.currency
        pairs = [(line["sku"], line["quantity"]) for line in data["lines"]]
        return {
            "currency": currency,
            "quotes": quote.of_pairs(by, pairs, dealer=dealer, currency=currency, at=at),
        }
