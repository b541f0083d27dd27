"""Positions of vehicles: told in batches, read one a vehicle, and searched by nearness."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from b2b.core import clock
from b2b.core.actor import CARRIER, OPERATOR, Actor
from b2b.core.errors import Invalid
from b2b.core.geo import GeoPoint
from b2b.http.parsers import Raw
from b2b.http.views import ApiView, CommandView, ListView
from logistics.policies import position_rows
from logistics.policies.positions import REASONS
from logistics.selectors import nearest, positions
from logistics.services import positions as told

HAULIERS = (CARRIER, OPERATOR)


class PositionJson(Raw):
    """An array of positions, or an object with `positions`."""

    media_type = "application/json"


class PositionLines(Raw):
    """One position a line, as JSON."""

    media_type = "application/x-ndjson"


class PositionTable(Raw):
    """Positions as CSV with a head."""

    media_type = "text/csv"


class VehiclePositionShape(serializers.Serializer[Any]):
    """Where a vehicle was seen last."""

    vehicle = serializers.CharField(source="vehicle.code")
    carrier = serializers.CharField(source="carrier.code")
    fix_at = serializers.DateTimeField()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    speed_kmh = serializers.FloatField(allow_null=True)
    heading_degrees = serializers.FloatField(allow_null=True)
    received_at = serializers.DateTimeField()


class FixInput(serializers.Serializer[Any]):
    """A position of a vehicle at a moment (ISO 8601 with offset)."""

    vehicle = serializers.CharField(max_length=64)
    fix_at = serializers.DateTimeField()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    speed_kmh = serializers.FloatField(required=False, allow_null=True)
    heading_degrees = serializers.FloatField(required=False, allow_null=True)


class FixesInput(serializers.Serializer[Any]):
    """Positions in any order; sent twice or late they harm nothing."""

    positions = FixInput(many=True)


class RefusedFixShape(serializers.Serializer[Any]):
    """A row that went into quarantine; `row` counts from 0."""

    row = serializers.IntegerField()
    vehicle = serializers.CharField()
    reason = serializers.ChoiceField(choices=list(REASONS))
    explanation = serializers.SerializerMethodField()

    def get_explanation(self, refused: Any) -> str:
        """Say what is wrong and what to do."""
        return REASONS[refused.reason]


class IngestedShape(serializers.Serializer[Any]):
    """What became of a batch."""

    accepted = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    quarantined = RefusedFixShape(many=True)


class Positions(ListView, CommandView):
    """List where the caller's vehicles were seen last; POST tells new positions, JSON, NDJSON or CSV."""

    scope, kinds = "logistics", HAULIERS
    selector = positions.visible
    serializer = VehiclePositionShape
    parser_classes = (PositionJson, PositionLines, PositionTable)
    output, status = IngestedShape, HTTPStatus.CREATED

    @extend_schema(
        request={
            "application/json": FixesInput,
            "application/x-ndjson": OpenApiTypes.STR,
            "text/csv": OpenApiTypes.STR,
        },
        responses={201: IngestedShape},
    )
    def post(self, request: Request, **where: Any) -> Any:
        """Keep what can be believed."""
        return self.command(request)

    def parse(self, request: Request) -> Any:
        """Return the rows; one that cannot be read is a row all the same."""
        body = request.data
        if not isinstance(body, bytes):
            raise Invalid("send positions as the body: application/json, application/x-ndjson or text/csv")
        return position_rows.read(body, request.content_type or "")

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Keep them."""
        return told.ingest(data, by=by, at=at)


class NearQuery(serializers.Serializer[Any]):
    """Where something is to be fetched, how much it is and what it needs (skills separated by commas)."""

    latitude = serializers.FloatField(min_value=-90, max_value=90)
    longitude = serializers.FloatField(min_value=-180, max_value=180)
    weight_g = serializers.IntegerField(min_value=0, max_value=10**12, default=0)
    volume_cm3 = serializers.IntegerField(min_value=0, max_value=10**12, default=0)
    skills = serializers.CharField(max_length=200, default="", allow_blank=True)
    count = serializers.IntegerField(min_value=1, max_value=nearest.MOST, default=10)


class NearShape(serializers.Serializer[Any]):
    """A free vehicle that fits, and how far away it was seen."""

    vehicle = serializers.CharField(source="code")
    carrier_id = serializers.IntegerField()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    fix_at = serializers.DateTimeField()
    distance_m = serializers.IntegerField()


class NearestShape(serializers.Serializer[Any]):
    """Vehicles, the nearest first."""

    vehicles = NearShape(many=True)


class NearestVehicles(ApiView):
    """Find the nearest vehicles that are free, on shift, large enough and skilled; for the operator."""

    scope, kinds = "logistics", (OPERATOR,)

    @extend_schema(parameters=[NearQuery], responses=NearestShape)
    def get(self, request: Request) -> Response:
        """Answer with the nearest first."""
        given = NearQuery(data=request.query_params)
        given.is_valid(raise_exception=True)
        asked = dict(given.validated_data)
        point = GeoPoint(asked.pop("latitude"), asked.pop("longitude"))
        asked["skills"] = [name.strip() for name in asked["skills"].split(",") if name.strip()]
        found = nearest.vehicles(self.actor, point, at=clock.now(), **asked)
        return Response(NearestShape({"vehicles": found}).data)
