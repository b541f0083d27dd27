"""Planning over the API: the operator's buffers, forecasts and exceptions, a factory's weeks, promises to dealers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from b2b.catalog.selectors import product as products
from b2b.core import clock
from b2b.core.actor import DEALER, FACTORY, OPERATOR, Actor
from b2b.core.errors import NotFound
from b2b.http.views import ApiView, CommandView, ListView
from orders.policies.demand import monday_of
from orders.rest.shapes.planning import (
    BufferShape,
    ConsumptionShape,
    ExceptionShape,
    ForecastShape,
    PromiseInput,
    PromiseShape,
    ScorecardShape,
    SignalProgressInput,
    SignalWeeksShape,
)
from orders.rest.shapes.supply import SignalShape
from orders.selectors import demand, planning, scorecard, supply
from orders.services import promise, signal_progress


class Buffers(ListView):
    """List buffers as their last plan found them."""

    scope, kinds = "orders", {OPERATOR}
    selector = planning.latest_buffers
    serializer = BufferShape


class PlanExceptions(ListView):
    """List what plans would change and may not, newest first."""

    scope, kinds = "orders", {OPERATOR}
    selector = planning.exceptions
    serializer = ExceptionShape


class Consumption(ListView):
    """List which orders took the place of which week's forecast in the last plan of each factory."""

    scope, kinds = "orders", {OPERATOR}
    selector = planning.consumption
    serializer = ConsumptionShape


class Forecasts(ListView):
    """List forecasts, the latest first."""

    scope, kinds = "orders", {OPERATOR}
    selector = demand.forecasts
    serializer = ForecastShape


class SignalWeeks(ApiView):
    """Show what a factory's signals ask for by week, against what it can make."""

    scope, kinds = "orders", {FACTORY}

    @extend_schema(responses=SignalWeeksShape)
    def get(self, request: Request, **where: Any) -> Response:
        """Answer with the weeks from this one on."""
        actor = self.actor
        since = monday_of(clock.now().date())
        found = planning.weeks_of(actor, actor.organization_id or 0, since=since)
        return Response(self.present(SignalWeeksShape, {"weeks": found}))


class SignalScorecard(ApiView):
    """Show how good the signals of half a year were, and how they were answered."""

    scope, kinds = "orders", {FACTORY}

    @extend_schema(responses=ScorecardShape)
    def get(self, request: Request, **where: Any) -> Response:
        """Answer with the scorecard."""
        actor = self.actor
        found = scorecard.of_factory(actor, actor.organization_id or 0, today=clock.now().date())
        return Response(self.present(ScorecardShape, found))


class SignalProgress(CommandView):
    """Tell that what was committed to is in production, or has been shipped."""

    scope, kinds = "orders", {FACTORY, OPERATOR}
    selector = supply.production_signals
    input, output = SignalProgressInput, SignalShape

    def call(self, data: Any, *, by: Actor, at: Any, signal_id: UUID) -> Any:
        """Take note of it."""
        return signal_progress.tell(self.find(), data["verb"], by=by, at=at)


class SignalApproval(CommandView):
    """Approve a proposed signal and send it to the factory."""

    scope, kinds = "orders", {OPERATOR}
    selector = supply.production_signals
    output = SignalShape

    def call(self, data: Any, *, by: Actor, at: Any, signal_id: UUID) -> Any:
        """Approve it."""
        return signal_progress.approve(self.find(), by=by, at=at)


class Promises(CommandView):
    """Ask by when a quantity can be had; with `hold` it is promised for half an hour."""

    scope, kinds = "orders", {DEALER, OPERATOR}
    input, output = PromiseInput, PromiseShape

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Ask.

        :raises NotFound: when there is no such product.
        """
        found = products.by_sku(by, [data["sku"]]).get(data["sku"])
        if found is None:
            raise NotFound(f"there is no product {data['sku']}")
        return promise.ask(
            found, data["quantity"], by_date=data["need_by_date"], by=by, at=at, hold=data["hold"]
        )
