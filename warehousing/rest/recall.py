"""Traces and recalls."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from b2b.core.actor import DEALER, OPERATOR, Actor
from b2b.http.views import ApiView, CommandView, DetailView, ListView
from warehousing.selectors import recall as recalls
from warehousing.selectors import trace
from warehousing.services import recall

_QUANTITY: dict[str, Any] = {"min_value": 0, "max_value": 10**12}


class LotInput(serializers.Serializer[Any]):
    """A lot by what people call it."""

    sku = serializers.CharField(max_length=40)
    lot_number = serializers.CharField(max_length=40)


class RecallInput(serializers.Serializer[Any]):
    """The lots to call back, and why; with `rehearse` nothing is changed and nobody told."""

    lots = LotInput(many=True, allow_empty=False, max_length=100)
    reason = serializers.CharField(max_length=400)
    instruction = serializers.CharField(max_length=1000, allow_blank=True, default="")
    rehearse = serializers.BooleanField(default=False)


class RecallAnswerInput(serializers.Serializer[Any]):
    """What a dealer did with the goods it got, base units; an operator names the dealer it answers for."""

    held = serializers.IntegerField(**_QUANTITY)
    sold = serializers.IntegerField(**_QUANTITY, default=0)
    returning = serializers.IntegerField(**_QUANTITY, default=0)
    note = serializers.CharField(max_length=1000, allow_blank=True, default="")
    dealer = serializers.CharField(max_length=24, allow_blank=True, default="")


class RecallCloseInput(serializers.Serializer[Any]):
    """Why a recall is over."""

    reason = serializers.CharField(max_length=400, allow_blank=True, default="")


class NoticeShape(serializers.Serializer[Any]):
    """What a dealer was told and answered."""

    id = serializers.UUIDField()
    dealer = serializers.CharField(source="dealer.code")
    status = serializers.CharField()
    told_at = serializers.DateTimeField()
    goods = serializers.ListField(child=serializers.DictField())
    delivered_quantity = serializers.IntegerField()
    under_way_quantity = serializers.IntegerField()
    held_quantity = serializers.IntegerField(allow_null=True)
    sold_quantity = serializers.IntegerField(allow_null=True)
    returning_quantity = serializers.IntegerField(allow_null=True)
    note = serializers.CharField()
    answered_at = serializers.DateTimeField(allow_null=True)


class RecalledLot(serializers.Serializer[Any]):
    """A recalled lot."""

    sku = serializers.CharField(source="product.sku")
    lot_number = serializers.CharField(source="number")


class RecallShape(serializers.Serializer[Any]):
    """A recall with its lots and the notices you may see: all for an operator, its own for a dealer."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    reason = serializers.CharField()
    instruction = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    lots = RecalledLot(many=True, source="lots.all")
    notices = NoticeShape(many=True, source="notices.all")


class FindingShape(serializers.Serializer[Any]):
    """What was found when a recall was opened, and how long that took."""

    number = serializers.CharField(source="recall.number")
    status = serializers.CharField(source="recall.status")
    duration_ms = serializers.IntegerField()
    found = serializers.DictField()


class TraceQuery(serializers.Serializer[Any]):
    """A lot by SKU and number, or a unit by SSCC."""

    sku = serializers.CharField(max_length=40, required=False)
    lot_number = serializers.CharField(max_length=40, required=False)
    sscc = serializers.RegexField(r"^[0-9]{18}$", required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two, not both."""
        if ("sscc" in attrs) == ("sku" in attrs and "lot_number" in attrs):
            raise serializers.ValidationError("give sku and lot_number, or sscc")
        return attrs


class Traces(ApiView):
    """Follow a lot or a unit back to the factory and forward to every dealer."""

    scope, kinds = "warehousing", {OPERATOR}

    @extend_schema(parameters=[TraceQuery], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Answer with all that is known."""
        given = TraceQuery(data=request.query_params)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        if "sscc" in asked:
            lots = trace.lots_in(self.actor, asked["sscc"])
        else:
            lots = [trace.named(self.actor, sku=asked["sku"], lot_number=asked["lot_number"])]
        return Response(asdict(trace.of_lots(self.actor, lots)))


class Recalls(ListView, CommandView):
    """List recalls, or open one."""

    scope, kinds, write_kinds = "recalls", {OPERATOR, DEALER}, {OPERATOR}
    selector = recalls.visible
    serializer = output = RecallShape
    input = RecallInput
    status = HTTPStatus.CREATED

    def call(self, data: Any, *, by: Actor, at: datetime, **where: Any) -> Any:
        """Call the service."""
        lots = trace.all_named(by, [(one["sku"], one["lot_number"]) for one in data["lots"]])
        made = recall.open_(
            lots,
            reason=data["reason"],
            instruction=data["instruction"],
            rehearse=data["rehearse"],
            by=by,
            at=at,
        )
        return recalls.visible(by).get(pk=made.pk)


class OneRecall(DetailView):
    """Show a recall."""

    scope, kinds = "recalls", {OPERATOR, DEALER}
    selector = recalls.visible
    serializer = RecallShape


class Finding(DetailView):
    """Show what was found when a recall was opened or rehearsed: where everything is, and how long it took."""

    scope, kinds = "recalls", {OPERATOR}
    selector = recalls.findings
    serializer = FindingShape


class AnswerRecall(CommandView):
    """Say what became of the goods you got; the last answer counts."""

    scope, kinds = "recalls", {OPERATOR, DEALER}
    selector = recalls.visible
    input, output = RecallAnswerInput, RecallShape

    def call(self, data: Any, *, by: Actor, at: datetime, recall_id: UUID) -> Any:
        """Call the service."""
        dealer_id = recalls.dealer_of(by, recall_id, data.pop("dealer"))
        recall.answer(recall_id, **data, dealer_id=dealer_id, by=by, at=at)
        return self.find()


class CloseRecall(CommandView):
    """Close a recall."""

    scope, kinds = "recalls", {OPERATOR}
    selector = recalls.visible
    input, output = RecallCloseInput, RecallShape

    def call(self, data: Any, *, by: Actor, at: datetime, recall_id: UUID) -> Any:
        """Call the service."""
        recall.close(recall_id, reason=data["reason"], by=by, at=at)
        return self.find()
