"""What a caller asks of a route plan and gets."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from logistics.services.route_plan import MOST_SECONDS, SECONDS


class RoutePlanInput(serializers.Serializer[Any]):
    """Where to plan, for which day (by default the next one that can still be driven), and for how long.

    With `anew` the trips of the day that have not left are planned again and keep their locked stops; vehicles in
    `without` (codes) drop out and lose theirs.
    """

    warehouse = serializers.CharField(max_length=32)
    day = serializers.DateField(required=False)
    seconds = serializers.IntegerField(min_value=1, max_value=MOST_SECONDS, default=SECONDS)
    seed = serializers.IntegerField(min_value=0, max_value=2**32 - 1, required=False)
    anew = serializers.BooleanField(default=False)
    without = serializers.ListField(
        child=serializers.CharField(max_length=24), required=False, max_length=1_000
    )


class CurvePoint(serializers.Serializer[Any]):
    """The best plan after so many seconds: its cost in the currency, and the shipments it leaves out."""

    seconds = serializers.FloatField()
    cost = serializers.DecimalField(max_digits=18, decimal_places=3)
    left_out = serializers.IntegerField()


class PlanChanges(serializers.Serializer[Any]):
    """Shipments and vehicles by what a plan changes of the trips before it, and how many shipments stay as they are."""

    moved = serializers.ListField(child=serializers.UUIDField())
    reordered = serializers.ListField(child=serializers.UUIDField())
    retimed = serializers.ListField(child=serializers.UUIDField())
    added = serializers.ListField(child=serializers.UUIDField())
    dropped = serializers.ListField(child=serializers.UUIDField())
    vans_added = serializers.ListField(child=serializers.CharField())
    vans_dropped = serializers.ListField(child=serializers.CharField())
    unchanged = serializers.IntegerField()


class RoutePlanShape(serializers.Serializer[Any]):
    """A plan of routes that was asked for: how far it is and what came of it."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.CharField()
    warehouse = serializers.CharField(source="warehouse_site.code")
    day = serializers.DateField()
    asked_by = serializers.CharField()
    anew = serializers.BooleanField(source="is_replan")
    seconds = serializers.IntegerField()
    seed = serializers.IntegerField()
    shipments = serializers.IntegerField()
    vehicles = serializers.IntegerField()
    percent = serializers.IntegerField()
    phase = serializers.CharField()
    curve = CurvePoint(source="costs", many=True)
    findings = serializers.ListField(child=serializers.CharField())
    changes = PlanChanges(allow_null=True)
    currency = serializers.CharField()
    memory_mb = serializers.IntegerField(allow_null=True)
    fault = serializers.CharField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Show no changes while none are known."""
        instance.changes = instance.changes or None
        return super().to_representation(instance)
