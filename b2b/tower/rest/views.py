"""The story of an order, and the value of circulation."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from b2b.core.actor import DEALER, OPERATOR, Actor
from b2b.core.errors import NotFound
from b2b.http.views import ApiView, ListView
from b2b.tower.rest.shapes import SpanInput, StepShape, ValueShape
from b2b.tower.selectors import timeline, value


class Timeline(ListView):
    """List the steps of an order across ordering, supply, transport and billing, oldest first."""

    scope, kinds = "orders", {DEALER, OPERATOR}
    serializer = StepShape
    ordering = "pk"

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the steps of the order in the URL.

        :raises NotFound: when the actor knows no such order.
        """
        steps = timeline.of_order(actor, self.kwargs["order_id"]) if self.kwargs else timeline.nothing()
        if self.kwargs and not steps.exists():
            raise NotFound
        return steps


class ValueView(ApiView):
    """Show what circulation cost and what pooling saved: a dealer's own figures, an operator's all."""

    scope, kinds = "value", {DEALER, OPERATOR}
    serializer = ValueShape

    @extend_schema(parameters=[SpanInput], responses=ValueShape)
    def get(self, request: Request) -> Response:
        """Answer with the figures of a span of time."""
        span = SpanInput(data=request.query_params)
        span.is_valid(raise_exception=True)
        return Response(self.present(ValueShape, value.between(self.actor, **span.validated_data)))
