"""Sharings of shortages: explained to dealers, open to the operator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from b2b.core.actor import DEALER, OPERATOR, Actor
from b2b.core.errors import NotFound
from b2b.http.views import CommandView, DetailView, ListView
from orders.rest.filters import RunFilter
from orders.rest.shapes.order import OrderShape
from orders.rest.shapes.sharing import (
    AllocationReplayShape,
    AllocationRowShape,
    AllocationRunShape,
    EqualTreatmentShape,
    ExplanationShape,
    WithdrawInput,
)
from orders.selectors import allocation_run, explanation, order_cycle
from orders.selectors import order as orders
from orders.services import withdrawal


class Explain(DetailView):
    """Explain why the lines of an order got what they got; nothing tells another dealer's quantity."""

    scope, kinds = "orders", {DEALER, OPERATOR}
    selector = orders.visible
    serializer = ExplanationShape

    def get(self, request: Request, **where: Any) -> Response:
        """Answer with the explanation."""
        order = self.find()
        shown = {"order": order.number, "lines": explanation.of_order(self.actor, order)}
        return Response(self.present(ExplanationShape, shown))


class Withdraw(CommandView):
    """Withdraw lines that came short or dearer, until `withdrawable_until`."""

    scope, kinds = "orders", {DEALER, OPERATOR}
    selector = orders.visible
    input, output = WithdrawInput, OrderShape
    versioned = True

    def call(self, data: Any, *, by: Actor, at: Any, order_id: UUID) -> Any:
        """Take the lines back."""
        return withdrawal.withdraw(self.find(), lines=data["lines"], reason=data["reason"], by=by, at=at)


class Runs(ListView):
    """List the sharings of shortages, newest first. Operators only: they name every dealer."""

    scope, kinds = "orders", {OPERATOR}
    selector = allocation_run.visible
    serializer = AllocationRunShape
    filterset = RunFilter


class OneRun(DetailView):
    """Show one sharing; its rows are at `results/`."""

    scope, kinds = "orders", {OPERATOR}
    selector = allocation_run.visible
    serializer = AllocationRunShape


class RunRows(ListView):
    """List what each order line was entitled to and got in one sharing."""

    scope, kinds = "orders", {OPERATOR}
    serializer = AllocationRowShape
    ordering = "pk"

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the rows of the run in the URL.

        :raises NotFound: when there is no such run.
        """
        run_id: UUID = self.kwargs.get("run_id", UUID(int=0))
        if self.kwargs and not allocation_run.visible(actor).filter(pk=run_id).exists():
            raise NotFound
        return allocation_run.results(actor, run_id)


class Replay(DetailView):
    """Share the kept inputs of a run again, and say whether inputs and result have the run's hashes."""

    scope, kinds = "orders", {OPERATOR}
    selector = allocation_run.visible
    serializer = AllocationReplayShape

    def get(self, request: Request, **where: Any) -> Response:
        """Answer with both hashes."""
        return Response(self.present(AllocationReplayShape, allocation_run.replay(self.find())))


class EqualTreatment(DetailView):
    """Show that equal requests of a cycle got equal treatment, group by group. Operators only."""

    scope, kinds = "orders", {OPERATOR}
    selector = order_cycle.visible
    serializer = EqualTreatmentShape

    def get(self, request: Request, **where: Any) -> Response:
        """Answer with the groups."""
        groups = allocation_run.equal_requests(self.actor, self.find())
        shown = {"is_equal": all(one.group.is_equal for one in groups), "groups": groups}
        return Response(self.present(EqualTreatmentShape, shown))
