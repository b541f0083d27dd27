"""How organisations and sites look in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class OrganizationShape(serializers.Serializer[Any]):
    """The caller's own organisation."""

    code = serializers.CharField()
    kind = serializers.CharField()
    name = serializers.CharField()
    country = serializers.CharField()
    currency = serializers.CharField()
    payment_terms_days = serializers.IntegerField()
    uscc = serializers.CharField()
    vat_number = serializers.CharField()
    lei = serializers.CharField()
    gln = serializers.CharField()


class SiteShape(serializers.Serializer[Any]):
    """A place goods come from or go to."""

    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    address = serializers.CharField()
    region = serializers.CharField()
    latitude = serializers.DecimalField(max_digits=9, decimal_places=6)
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6)
    gln = serializers.CharField()
    opens = serializers.TimeField()
    closes = serializers.TimeField()
    time_zone = serializers.CharField()
