"""Members of inputs and outputs that DRF has no words for."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


@extend_schema_field({"type": "string", "pattern": r"^\d\d:\d\d$", "examples": ["08:30"]})
class LocalTime(serializers.TimeField):
    """A time of day in the zone of the place, without one of its own (so not the `time` of RFC 3339)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%H:%M", input_formats=["%H:%M"], **options)
