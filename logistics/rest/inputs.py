"""What callers send."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from logistics.policies.tracking import KINDS

MOST = 10**15


class PlanInput(serializers.Serializer[Any]):
    """Where to plan, for which day (by default the next one that can still be driven), and how long to think."""

    warehouse = serializers.CharField(max_length=32)
    day = serializers.DateField(required=False)
    seconds = serializers.IntegerField(min_value=1, max_value=30, default=5)


class DepartInput(serializers.Serializer[Any]):
    """Who drives, if anybody wants to know."""

    driver = serializers.CharField(max_length=24, required=False)


class ReasonInput(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=300)


class FailureInput(ReasonInput):
    """Why nobody took the goods, and when that was (by default now)."""

    failed_at = serializers.DateTimeField(required=False)


class OutcomeInput(serializers.Serializer[Any]):
    """What was taken of a line or what was not; the one follows from the other."""

    line_number = serializers.IntegerField(min_value=1, max_value=10**6)
    accepted_quantity = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    short_quantity = serializers.IntegerField(min_value=0, max_value=MOST, required=False)
    reason = serializers.CharField(max_length=120, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Demand one of the two quantities."""
        if "accepted_quantity" not in attrs and "short_quantity" not in attrs:
            raise serializers.ValidationError("say accepted_quantity or short_quantity", code="required")
        return attrs


class Position(serializers.Serializer[Any]):
    """A WGS 84 position in decimal degrees."""

    latitude = serializers.FloatField(min_value=-90, max_value=90)
    longitude = serializers.FloatField(min_value=-180, max_value=180)


class ProofInput(serializers.Serializer[Any]):
    """What the device at the door recorded; lines not named were taken whole."""

    capture_id = serializers.CharField(max_length=64)
    signer_name = serializers.CharField(max_length=150)
    signer_role = serializers.CharField(max_length=80, required=False, allow_blank=True)
    delivered_at = serializers.DateTimeField(required=False)
    position = Position(required=False, allow_null=True)
    photo_sha256 = serializers.RegexField(r"^[0-9a-f]{64}$", required=False)
    lines = OutcomeInput(many=True, required=False, max_length=5_000)


class SightingInput(serializers.Serializer[Any]):
    """One tracking event; `source_event_id` is the source's own name for it."""

    source = serializers.CharField(max_length=40)
    source_event_id = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(choices=KINDS)
    occurred_at = serializers.DateTimeField()
    position = Position(required=False, allow_null=True)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class SightingsInput(serializers.Serializer[Any]):
    """Tracking events of a shipment, in any order."""

    events = SightingInput(many=True, allow_empty=False, max_length=1_000)
