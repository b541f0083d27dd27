"""Order cycles and savings statements."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from b2b.core import clock
from b2b.core.actor import DEALER, FACTORY, OPERATOR, Actor
from b2b.http.views import CommandView, DetailView, ListView
from orders.rest.filters import CycleFilter
from orders.rest.shapes.supply import (
    ClosedShape,
    CloseInput,
    CycleProgressShape,
    CycleShape,
    StatementShape,
)
from orders.selectors import order_cycle as selectors
from orders.selectors import pool_progress, savings
from orders.services import order_cycle


class Cycles(ListView):
    """List the cycles the caller may know, newest first."""

    scope, kinds = "orders", {DEALER, FACTORY, OPERATOR}
    selector = selectors.visible
    serializer = CycleShape
    filterset = CycleFilter


class OneCycle(DetailView):
    """Show a cycle with its declared rules."""

    scope, kinds = "orders", {DEALER, FACTORY, OPERATOR}
    selector = selectors.visible
    serializer = CycleShape


class Progress(DetailView):
    """Show how far the pools of a cycle are, as last told; nobody can tell a rival's quantity from it."""

    scope, kinds = "orders", {DEALER, FACTORY, OPERATOR}
    selector = selectors.visible
    serializer = CycleProgressShape

    def get(self, request: Request, **where: Any) -> Response:
        """Answer with the pools."""
        cycle = self.find()
        pools = pool_progress.of_cycle(self.actor, cycle, at=clock.now())
        return Response(self.present(CycleProgressShape, {"told_at": cycle.progress_at, "products": pools}))


class Close(CommandView):
    """Close a cycle into one purchase order per factory; closing again gives the same ones. Operators only."""

    scope, kinds = (
        "orders",
        {FACTORY, OPERATOR},
    )  # a factory is told 404 or 403 by whether it may know the cycle
    selector = selectors.visible
    input, output = CloseInput, ClosedShape

    def call(self, data: Any, *, by: Actor, at: Any, cycle_id: UUID) -> Any:
        """Close the cycle."""
        placed = order_cycle.close(self.find(), early=data["early"], by=by, at=at)
        return {"purchase_orders": placed}


class Statements(ListView):
    """List savings statements, newest first."""

    scope, kinds = "orders", {DEALER, OPERATOR}
    selector = savings.visible
    serializer = StatementShape


class OneStatement(DetailView):
    """Show a savings statement."""

    scope, kinds = "orders", {DEALER, OPERATOR}
    selector = savings.visible
    serializer = StatementShape
