"""Order cycles and savings statements."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from b2b.core import clock
from b2b.core.actor import DEALER, FACTORY, OPERATOR, Actor
from b2b.core.errors import NotFound
from b2b.db.selectors import history
from b2b.http.views import ChangeView, CommandView, DetailView, ListView
from orders.rest.filters import CycleFilter
from orders.rest.parties import factory_of, warehouse_of
from orders.rest.shapes.cycle import CycleInput, CyclePolicyInput, CyclePolicyShape, ExtendInput
from orders.rest.shapes.order import CancelInput, StatusShape
from orders.rest.shapes.supply import (
    ClosedShape,
    CloseInput,
    CycleProgressShape,
    CycleShape,
    StatementShape,
)
from orders.selectors import order_cycle as selectors
from orders.selectors import pool_progress, savings
from orders.services import cycle_plan, cycle_policy, order_cycle

# What is the operator's alone: a factory is told 404 or 403 by whether it may know the cycle.
_KNOWING = {FACTORY, OPERATOR}


class Cycles(ListView, CommandView):
    """List the cycles the caller may know, newest first; POST plans one, which opens by itself. Operators plan."""

    scope, kinds, write_kinds = "orders", {DEALER, FACTORY, OPERATOR}, {OPERATOR}
    selector = selectors.visible
    serializer = output = CycleShape
    filterset = CycleFilter
    input, status = CycleInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Plan the cycle."""
        code = data.pop("factory")
        data.setdefault("recurrence", cycle_plan.STANDING)
        return cycle_plan.plan(
            factory_of(by, code) if code else None,
            warehouse=warehouse_of(by, data.pop("warehouse")),
            **data,
            by=by,
            at=at,
        )


class OneCycle(DetailView):
    """Show a cycle with its declared rules."""

    scope, kinds = "orders", {DEALER, FACTORY, OPERATOR}
    selector = selectors.visible
    serializer = CycleShape


class Policy(DetailView, ChangeView):
    """Show the declared rules of a cycle; PATCH changes them before its cut-off, with If-Match. Operators change."""

    scope, kinds, write_kinds = "orders", {DEALER, FACTORY, OPERATOR}, _KNOWING
    selector = selectors.visible
    serializer = output = CyclePolicyShape
    input = CyclePolicyInput

    def _check_version(self) -> None:
        # Who may not change it is told so, and not that its version is another.
        cycle_plan.operators_only(self.actor)
        super()._check_version()

    def call(self, data: Any, *, by: Actor, at: Any, cycle_id: UUID) -> Any:
        """Declare what is named."""
        rest = {
            name: data.pop(name)
            for name in ("window_days", "boxfill_at", "following", "reason")
            if name in data
        }
        return cycle_policy.declare(self.find(), policy=data, **rest, by=by, at=at)


class CycleHistory(ListView):
    """List who opened, extended, froze or changed the rules of a cycle, when and why, oldest first."""

    scope, kinds = "orders", _KNOWING
    serializer = StatusShape
    ordering = "pk"

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the status changes of the cycle in the URL.

        :raises NotFound: when the actor knows no such cycle.
        """
        cycle_id = self.kwargs.get("cycle_id", UUID(int=0))
        if self.kwargs and not selectors.visible(actor).filter(pk=cycle_id).exists():
            raise NotFound
        return history(actor, cycle_id)


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


class Extend(CommandView):
    """Move the cut-off of a cycle back, before it has come. Operators only."""

    scope, kinds = "orders", _KNOWING
    selector = selectors.visible
    input, output = ExtendInput, CycleShape

    def call(self, data: Any, *, by: Actor, at: Any, cycle_id: UUID) -> Any:
        """Extend the cycle."""
        return cycle_plan.extend(self.find(), **data, by=by, at=at)


class CallOff(CommandView):
    """Call a cycle off before its cut-off; its orders wait for the next one. Operators only."""

    scope, kinds = "orders", _KNOWING
    selector = selectors.visible
    input, output = CancelInput, CycleShape

    def call(self, data: Any, *, by: Actor, at: Any, cycle_id: UUID) -> Any:
        """Call the cycle off."""
        return cycle_plan.cancel(self.find(), reason=data["reason"], by=by, at=at)


class Close(CommandView):
    """Close a cycle into one purchase order per factory; closing again gives the same ones. Operators only."""

    scope, kinds = "orders", _KNOWING
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
