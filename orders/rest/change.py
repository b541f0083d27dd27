"""Changes of orders: a dealer's to its own, and what factories are asked not to make."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from b2b.core.actor import DEALER, FACTORY, OPERATOR, Actor
from b2b.core.errors import NotFound
from b2b.http import etags
from b2b.http.views import CommandView, DetailView, ListView
from orders.rest.filters import PurchaseChangeFilter, SubstitutionFilter
from orders.rest.response import OfPurchaseOrder
from orders.rest.shapes.change import (
    ChangeInput,
    ChangeResultShape,
    ChangeShape,
    PurchaseChangeInput,
    PurchaseChangeShape,
    SubstitutionShape,
)
from orders.selectors import changes as selectors
from orders.selectors import order as orders
from orders.services import bulk_order, order_change, purchase_order_change, substitution
from orders.services.order_change import LineEdit

DEALERS, FACTORIES = {DEALER, OPERATOR}, {FACTORY, OPERATOR}


class Changes(ListView, CommandView):
    """List the changes of an order; POST changes quantities, dates and sites of lines and adds lines, all or nothing.

    `preview` shows what it would come to. Until the cut-off a change is free; later what is given up is passed on, kept
    in stock, or stays owed until the factory agrees to make less.
    """

    scope, kinds = "orders", DEALERS
    serializer, output = ChangeShape, ChangeResultShape
    input = ChangeInput
    versioned = held_by_service = True
    ordering = "pk"

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the changes of the order in the URL.

        :raises NotFound: when the actor knows no such order.
        """
        key = self.find().pk if self.kwargs else UUID(int=0)
        return selectors.of_orders(actor).filter(order_id=key)

    def find(self) -> Any:
        """Return the order in the URL.

        :raises NotFound: when the actor knows no such order.
        """
        found = orders.visible(self.actor).filter(pk=self.kwargs["order_id"]).first()
        if found is None:
            raise NotFound
        return found

    def call(self, data: Any, *, by: Actor, at: Any, order_id: UUID) -> Any:
        """Change the order, or show what a change would come to."""
        order = self.find()
        etags.require_match(self.request.headers.get("If-Match"), order)
        given: dict[str, Any] = {
            "edits": [LineEdit(**line) for line in data["lines"]],
            "additions": bulk_order.rows_of(data["add"]) if data["add"] else (),
        }
        if data["preview"]:
            return order_change.preview(order, **given, by=by, at=at)
        return order_change.change(order, **given, reason=data["reason"], version=order.version, by=by, at=at)


class PurchaseChanges(OfPurchaseOrder, ListView, CommandView):
    """List what a factory is asked not to make; POST accepts or refuses one of these requests."""

    scope, kinds = "orders", FACTORIES
    serializer = output = PurchaseChangeShape
    filterset = PurchaseChangeFilter
    input = PurchaseChangeInput
    ordering = "pk"

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the requests that belong to the purchase order in the URL."""
        return selectors.of_purchase_orders(actor).filter(purchase_order_id=self.order_id())

    def call(self, data: Any, *, by: Actor, at: Any, purchase_order_id: UUID) -> Any:
        """Answer the request.

        :raises NotFound: when the purchase order has no such request.
        """
        change = self.rows(by).filter(pk=data["change"]).first()
        if change is None:
            raise NotFound
        return purchase_order_change.answer(
            change, is_accepted=data["is_accepted"], reason=data["reason"], by=by, at=at
        )


class Substitutions(ListView):
    """List the substitutes the caller was offered for lines its factory cannot fill."""

    scope, kinds = "orders", DEALERS
    selector = selectors.substitutions
    serializer = SubstitutionShape
    filterset = SubstitutionFilter


class OneSubstitution(DetailView):
    """Show an offer."""

    scope, kinds = "orders", DEALERS
    selector = selectors.substitutions
    serializer = SubstitutionShape


class AcceptSubstitution(CommandView):
    """Take what is offered: the short part is given up, and the order gets a line of the substitute."""

    scope, kinds = "orders", DEALERS
    selector = selectors.substitutions
    output = SubstitutionShape

    def call(self, data: Any, *, by: Actor, at: Any, substitution_id: UUID) -> Any:
        """Take it."""
        return substitution.accept(self.find(), by=by, at=at)


class DeclineSubstitution(CommandView):
    """Refuse what is offered; the short part goes on waiting."""

    scope, kinds = "orders", DEALERS
    selector = selectors.substitutions
    output = SubstitutionShape

    def call(self, data: Any, *, by: Actor, at: Any, substitution_id: UUID) -> Any:
        """Refuse it."""
        return substitution.decline(self.find(), by=by, at=at)
