"""Blanket orders, what is left of them, and their releases."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from b2b.core.actor import DEALER, FACTORY, OPERATOR, Actor
from b2b.core.errors import NotFound
from b2b.db.selectors import history
from b2b.http.views import CommandView, DetailView, ListView
from orders.rest.filters import BlanketFilter
from orders.rest.parties import party_of, site_of
from orders.rest.shapes.blanket import (
    BlanketDetail,
    BlanketInput,
    BlanketShape,
    ReleaseInput,
    ReleaseShape,
)
from orders.rest.shapes.order import CancelInput, StatusShape
from orders.selectors import blanket as selectors
from orders.services import blanket_order, blanket_release

PARTIES = {DEALER, FACTORY, OPERATOR}


class BlanketOrders(ListView, CommandView):
    """List blanket orders, newest first; POST agrees on one. Operators only."""

    scope, kinds, write_kinds = "orders", PARTIES, {OPERATOR}
    selector = selectors.visible
    serializer = output = BlanketShape
    filterset = BlanketFilter
    input, status = BlanketInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Write what was agreed on."""
        party = party_of(by, data.pop("party"))
        ship_to = data.pop("ship_to")
        lines = [
            blanket_order.Wanted(
                line["sku"],
                line["quantity"],
                line["unit_price"],
                party_of(by, line["supplier"]) if line["supplier"] else None,
            )
            for line in data.pop("lines")
        ]
        return blanket_order.agree(
            party, lines=lines, ship_to=site_of(by, party, ship_to), by=by, at=at, **data
        )


class OneBlanketOrder(DetailView):
    """Show a blanket order with the statement of what is left of each line."""

    scope, kinds = "orders", PARTIES
    selector = selectors.visible
    serializer = BlanketDetail

    def find(self) -> Any:
        """Return the blanket order with its statement."""
        found = super().find()
        found.statement = selectors.statement([found.pk])[found.pk]
        return found


class CancelBlanketOrder(CommandView):
    """End a blanket order before its time; what was released stays ordered. Operators only."""

    scope, kinds = "orders", {OPERATOR}
    selector = selectors.visible
    input, output = CancelInput, BlanketShape
    versioned = True

    def call(self, data: Any, *, by: Actor, at: Any, blanket_order_id: UUID) -> Any:
        """End it."""
        return blanket_order.cancel(self.find(), reason=data["reason"], by=by, at=at)


class _OfBlanketOrder:
    """A view of something that belongs to the blanket order in the URL."""

    kwargs: dict[str, Any]
    actor: Actor

    def find(self) -> Any:
        """Return the blanket order in the URL.

        :raises NotFound: when the actor knows no such blanket order.
        """
        found = selectors.visible(self.actor).filter(pk=self.kwargs["blanket_order_id"]).first()
        if found is None:
            raise NotFound
        return found

    def key(self) -> UUID:
        """Return the key in the URL, which the actor knows; none while the schema is written."""
        found: UUID = self.find().pk if self.kwargs else UUID(int=0)
        return found


class Releases(_OfBlanketOrder, ListView, CommandView):
    """List the releases of a blanket order; POST calls off a part of it as an order at the agreed price."""

    scope, kinds, write_kinds = "orders", PARTIES, {DEALER, OPERATOR}
    serializer = output = ReleaseShape
    input, status = ReleaseInput, 201

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the releases of the blanket order in the URL."""
        return selectors.releases(actor).filter(blanket_order_id=self.key())

    def call(self, data: Any, *, by: Actor, at: Any, blanket_order_id: UUID) -> Any:
        """Call off."""
        blanket = self.find()
        return blanket_release.release(
            blanket,
            quantities={line["line_number"]: line["quantity"] for line in data["lines"]},
            ship_to=site_of(by, blanket.dealer, data["ship_to"]) if blanket.dealer else None,
            need_by_date=data["need_by_date"],
            external_reference=data["external_reference"],
            by=by,
            at=at,
        )


class BlanketHistory(_OfBlanketOrder, ListView):
    """List who moved a blanket order when and why, oldest first."""

    scope, kinds = "orders", PARTIES
    serializer = StatusShape
    ordering = "pk"

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the status changes of the blanket order in the URL."""
        return history(actor, self.key())
