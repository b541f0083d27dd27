"""How products look in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class PackagingShape(serializers.Serializer[Any]):
    """A pack and how many base units it holds."""

    code = serializers.CharField()
    units = serializers.IntegerField()
    gtin = serializers.CharField()
    length_mm = serializers.IntegerField(allow_null=True)
    width_mm = serializers.IntegerField(allow_null=True)
    height_mm = serializers.IntegerField(allow_null=True)
    gross_weight_g = serializers.IntegerField(allow_null=True)


class ProductShape(serializers.Serializer[Any]):
    """A product as lists show it."""

    sku = serializers.CharField()
    gtin = serializers.CharField()
    name = serializers.CharField()
    category = serializers.CharField()
    base_unit = serializers.CharField()
    weight_g = serializers.IntegerField()
    volume_cm3 = serializers.IntegerField()
    shelf_life_days = serializers.IntegerField(allow_null=True)
    tracking = serializers.CharField()
    tax_rate = serializers.DecimalField(max_digits=6, decimal_places=5)
    is_active = serializers.BooleanField()


class ProductDetail(ProductShape):
    """A product with its packs and attributes."""

    attributes = serializers.DictField()
    packagings = PackagingShape(many=True)
