"""What factories answer to purchase orders, and what the operator says to their prices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from b2b.core.actor import FACTORY, OPERATOR, Actor
from b2b.core.errors import NotFound
from b2b.http import etags
from b2b.http.views import CommandView, ListView
from orders.rest.shapes.price_answer import PriceAnswerShape, PriceDecisionInput, PriceDecisionShape
from orders.rest.shapes.response import ResponseInput, ResponseShape, answer_of
from orders.selectors import supply as selectors
from orders.services import price_answer, purchase_order

PARTIES = {FACTORY, OPERATOR}


class OfPurchaseOrder:
    """A view of something that belongs to the purchase order in the URL."""

    kwargs: dict[str, Any]
    actor: Actor

    def find(self) -> Any:
        """Return the purchase order in the URL.

        :raises NotFound: when the actor knows no such purchase order.
        """
        order = selectors.purchase_orders(self.actor).filter(pk=self.kwargs["purchase_order_id"]).first()
        if order is None:
            raise NotFound
        return order

    def order_id(self) -> UUID:
        """Return the key of the purchase order in the URL, which the actor knows; none while the schema is written."""
        found: UUID = self.find().pk if self.kwargs else UUID(int=0)
        return found


class Responses(OfPurchaseOrder, ListView, CommandView):
    """List the responses to a purchase order; POST answers it, in full or in part, and shares what is promised.

    Of two answers that name the same version, or the same ETag in If-Match, one is taken.
    """

    scope, kinds = "orders", PARTIES
    serializer = output = ResponseShape
    input, status = ResponseInput, 201
    ordering = "response_version"

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the responses to the purchase order in the URL."""
        return selectors.responses(actor).filter(purchase_order_id=self.order_id())

    def call(self, data: Any, *, by: Actor, at: Any, purchase_order_id: UUID) -> Any:
        """Take the response.

        :raises VersionRequired: when there is an answer already and neither version nor ETag is named.
        """
        order, named = self.find(), data["response_version"]
        header = self.request.headers.get("If-Match")
        if header or (order.response_version and named is None):
            etags.require_match(header, order)
            named = order.response_version + 1
        return purchase_order.respond(
            order,
            answers=[answer_of(line) for line in data["lines"]],
            rest=data["rest"],
            response_version=named,
            external_reference=data["external_reference"],
            note=data["note"],
            by=by,
            at=at,
        )


class PriceAnswers(OfPurchaseOrder, ListView):
    """List the prices a factory asked for instead of the agreed ones."""

    scope, kinds = "orders", PARTIES
    serializer = PriceAnswerShape
    ordering = "pk"

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the price answers of the purchase order in the URL."""
        return selectors.price_answers(actor).filter(purchase_order_id=self.order_id())


class DecidePrices(OfPurchaseOrder, CommandView):
    """Accept or refuse prices a factory asked for, by line number. Operators only."""

    # A factory is told 404 or 403 by whether it may know the purchase order.
    scope, kinds = "orders", PARTIES
    selector = selectors.purchase_orders
    input, output = PriceDecisionInput, PriceDecisionShape

    def call(self, data: Any, *, by: Actor, at: Any, purchase_order_id: UUID) -> Any:
        """Decide."""
        decided = price_answer.decide(self.find(), accept=data["accept"], refuse=data["refuse"], by=by, at=at)
        return {"price_answers": decided}
