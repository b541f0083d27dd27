"""What is where, and how it came there."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from b2b.core.actor import DEALER, FACTORY, OPERATOR, Actor
from b2b.http.views import ApiView, CommandView, ListView
from warehousing.rest.filters import MovementFilter, StockFilter
from warehousing.rest.shapes import AdjustInput, AdjustShape, MovementShape, StockShape
from warehousing.selectors import as_of, scanned, stock, work
from warehousing.services import count
from warehousing.services.cycle_count import Found


class Stock(ListView):
    """List what is on the shelves, place by place."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = stock.quants
    serializer = StockShape
    filterset = StockFilter


class Movements(ListView):
    """List the entries of the stock ledger."""

    scope, kinds = "warehousing", {OPERATOR}
    selector = stock.movements
    serializer = MovementShape
    filterset = MovementFilter


class AsOfQuery(serializers.Serializer[Any]):
    """A product in a warehouse, or at one place of it, at a moment; `known_at` leaves out what was recorded later."""

    sku = serializers.CharField(max_length=40)
    warehouse = serializers.CharField(max_length=32)
    location = serializers.CharField(max_length=32, default="")
    at = serializers.DateTimeField()
    known_at = serializers.DateTimeField(required=False, default=None)


class HeldShape(serializers.Serializer[Any]):
    """What stood at one place, base units."""

    location = serializers.CharField(source="location.code")
    lot_number = serializers.CharField(source="lot.number", default=None, allow_null=True)
    owner = serializers.CharField(source="owner.code", default=None, allow_null=True)
    stock_status = serializers.CharField()
    quantity = serializers.IntegerField()


class StockAsOf(ApiView):
    """Say what stood where at any moment of the past, as it was or as it was known; owners of goods read their own."""

    scope, kinds = "warehousing", {OPERATOR, DEALER, FACTORY}

    @extend_schema(parameters=[AsOfQuery], responses=HeldShape(many=True))
    def get(self, request: Request) -> Response:
        """Answer place by place."""
        given = AsOfQuery(data=request.query_params)
        given.is_valid(raise_exception=True)
        return Response(HeldShape(as_of.stock(self.actor, **given.validated_data), many=True).data)


class Counts(CommandView):
    """Set the books of one place to what was found there and say why; much of it waits for a second person."""

    scope, kinds = "warehousing", {OPERATOR}
    input, output, status = AdjustInput, AdjustShape, 201

    def call(self, data: Any, *, by: Actor, at: datetime) -> Any:
        """Call the service."""
        where = scanned.resolve(
            work.warehouse(by, data["warehouse"]).pk,
            location=data["location"],
            goods=data["sku"],
            lot_number=data["lot_number"],
            sscc=data["sscc"],
            owner=data["owner"],
            goods_field="sku",
        )
        found = Found(counted=data["counted"], stock_status=data["stock_status"], **asdict(where))
        return count.adjust(found, reason=data["reason"], by=by, at=at)
