"""The story of an order, and the value of circulation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from b2b.core.actor import DEALER, FACTORY, OPERATOR, Actor
from b2b.core.errors import NotFound
from b2b.http.views import ApiView, ListView
from b2b.tower.rest import shapes
from b2b.tower.selectors import documents, supply_value, timeline, value, value_detail
from b2b.tower.selectors.value import Group, Span

GROUPINGS: Final[dict[str, Callable[[Actor, Span], list[Group]]]] = {
    "period": value.by_period,
    "cycle": value_detail.by_cycle,
    "category": value.by_category,
    "product": value_detail.by_product,
    "dealer": value.by_dealer,
    "factory": value.by_factory,
}


class Timeline(ListView):
    """List the steps of an order across ordering, supply, transport and billing, oldest first."""

    scope, kinds = "orders", {DEALER, OPERATOR}
    serializer = shapes.StepShape
    ordering = "pk"

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the steps of the order in the URL.

        :raises NotFound: when the actor knows no such order.
        """
        steps = timeline.of_order(actor, self.kwargs["order_id"]) if self.kwargs else timeline.nothing()
        if self.kwargs and not steps.exists():
            raise NotFound
        return steps


def span_of(request: Request, kind: type[Any] = shapes.SpanInput) -> tuple[Span, dict[str, Any]]:
    """Return the span a request asks for, and what else it says.

    :raises ValidationError: with one problem per fault.
    """
    given = kind(data=request.query_params)
    given.is_valid(raise_exception=True)
    told = dict(given.validated_data)
    days = value.of_moments(told.pop("since"), told.pop("until"), told.pop("currency"))
    narrowed = {name: told.pop(name, None) for name in ("dealer_id", "factory_id", "category")}
    return Span(days.since, days.until, days.currency, **narrowed), told


class ValueView(ApiView):
    """Show what circulation cost and what pooling saved: a dealer's own figures, an operator's all."""

    scope, kinds = "value", {DEALER, OPERATOR}
    serializer = shapes.ValueTotalShape

    @extend_schema(parameters=[shapes.SpanInput], responses=shapes.ValueTotalShape)
    def get(self, request: Request) -> Response:
        """Answer with the figures of a span of time."""
        span, _ = span_of(request)
        found = value.total(self.actor, span).as_dict()
        found["pace"] = value_detail.pace(self.actor, span)
        return Response(self.present(shapes.ValueTotalShape, found))


class ValueBy(ApiView):
    """Show the same by period, cycle, category, product, dealer or factory."""

    scope, kinds = "value", {DEALER, OPERATOR}
    serializer = shapes.ValueGroupsShape

    @extend_schema(parameters=[shapes.SpanInput], responses=shapes.ValueGroupsShape)
    def get(self, request: Request, grouping: str) -> Response:
        """Answer with the figures of each group; cycles and products are the latest and the largest hundred.

        :raises NotFound: when figures are not cut by that.
        """
        if grouping not in GROUPINGS:
            raise NotFound
        span, _ = span_of(request)
        groups = GROUPINGS[grouping](self.actor, span)
        return Response(self.present(shapes.ValueGroupsShape, {"by": grouping, "groups": groups}))


class ValueDocuments(ListView):
    """List the documents that make a figure, the newest first: a dealer's own, an operator's all."""

    scope, kinds = "value", {DEALER, OPERATOR}
    serializer = shapes.ValueDocumentShape
    sparse = False
    filter_backends: Any = ()

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the documents of the figure that is asked for."""
        if getattr(self, "swagger_fake_view", False):
            return timeline.nothing()
        span, told = span_of(self.request, shapes.DocumentsInput)
        return documents.of_figure(actor, told["figure"], span, product_id=told.get("product_id"))

    @extend_schema(parameters=[shapes.DocumentsInput])
    def get(self, request: Request, **where: Any) -> Any:
        """Answer with a page."""
        return super().get(request, **where)


class SupplyValueView(ApiView):
    """Show a factory what it sold through the platform and its share of the savings; nothing of any dealer."""

    scope, kinds = "value", {FACTORY, OPERATOR}
    serializer = shapes.SupplyValuesShape

    @extend_schema(parameters=[shapes.SpanInput], responses=shapes.SupplyValuesShape)
    def get(self, request: Request, grouping: str) -> Response:
        """Answer with the factory's figures; operators name the factory with `factory_id`.

        :raises NotFound: when figures are not cut by that.
        """
        if grouping not in supply_value.GROUPINGS:
            raise NotFound
        span, _ = span_of(request)
        groups = supply_value.by(self.actor, span, grouping)
        found = {
            "currency": span.currency,
            "by": grouping,
            "total": supply_value.total(groups),
            "groups": groups,
        }
        return Response(self.present(shapes.SupplyValuesShape, found))
