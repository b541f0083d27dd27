"""Numbers and texts of fixed meaning."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework import serializers

LARGEST_QUANTITY = 10**12


def amount(**options: Any) -> serializers.DecimalField:
    """Return an amount of money, a decimal text."""
    return serializers.DecimalField(max_digits=18, decimal_places=3, **options)


def unit_price(**options: Any) -> serializers.DecimalField:
    """Return the price of a base unit before tax, a decimal text."""
    return serializers.DecimalField(max_digits=18, decimal_places=6, **options)


def moment(value: datetime) -> str:
    """Return a moment as DRF's DateTimeField shows it: ISO 8601 in the current time zone, Z for UTC."""
    return timezone.localtime(value).isoformat().replace("+00:00", "Z")


def quantity(**options: Any) -> serializers.IntegerField:
    """Return a whole number of base units."""
    return serializers.IntegerField(**{"min_value": 0, "max_value": LARGEST_QUANTITY, **options})


def text(max_length: int = 80, **options: Any) -> serializers.CharField:
    """Return an optional text of bounded length."""
    return serializers.CharField(
        **{"max_length": max_length, "required": False, "allow_blank": True, "default": "", **options}
    )
