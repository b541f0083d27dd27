"""What could be promised, where and when."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from b2b.core.actor import DEALER, OPERATOR, Actor
from b2b.http.views import CommandView
from warehousing.selectors import availability


class QuestionInput(serializers.Serializer[Any]):
    """A product, a warehouse (all of them when empty) and a day (today when null)."""

    sku = serializers.CharField(max_length=40)
    warehouse = serializers.CharField(max_length=32, allow_blank=True, default="")
    date = serializers.DateField(allow_null=True, default=None)


class QuestionsInput(serializers.Serializer[Any]):
    """Up to 10,000 questions."""

    lines = serializers.ListField(child=QuestionInput(), allow_empty=False, max_length=10_000)


class AvailableShape(serializers.Serializer[Any]):
    """What is there, in base units; what is on hand and promised is told to operators only, null for others."""

    sku = serializers.CharField()
    warehouse = serializers.CharField()
    date = serializers.DateField()
    available = serializers.IntegerField()
    expected = serializers.IntegerField()
    on_hand = serializers.IntegerField(allow_null=True)
    promised = serializers.IntegerField(allow_null=True)


class AnswersShape(serializers.Serializer[Any]):
    """One answer a question and warehouse, in order."""

    answers = AvailableShape(many=True)


class Availability(CommandView):
    """Ask what could be promised of up to 10,000 products, warehouses and days; changes nothing."""

    scope, kinds = "orders", {DEALER, OPERATOR}
    input, output = QuestionsInput, AnswersShape

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Ask the books of promises."""
        asked = [(line["sku"], line["warehouse"], line["date"]) for line in data["lines"]]
        return {"answers": availability.by_code(by, asked, today=at.date())}
