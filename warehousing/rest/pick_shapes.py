"""How pick lists and tasks look to handhelds; quantities in base units."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

MOST = 10**12
SCAN = 2048


class PickTaskShape(serializers.Serializer[Any]):
    """One pick; `task` names it in the addresses."""

    task = serializers.CharField(source="reference")
    status = serializers.CharField()
    place = serializers.CharField(source="source.code")
    zone = serializers.CharField(source="source.zone")
    sku = serializers.CharField(source="product.sku")
    gtin = serializers.CharField(source="product.gtin")
    name = serializers.CharField(source="product.name")
    lot_number = serializers.CharField(source="lot.number", default=None, allow_null=True)
    expiry_date = serializers.DateField(source="lot.expiry_date", default=None, allow_null=True)
    quantity = serializers.IntegerField()
    picked_quantity = serializers.IntegerField()
    order_id = serializers.UUIDField(source="demand.order_id")


class PickListShape(serializers.Serializer[Any]):
    """A claimed list with the picks still to do, in the order of the walk."""

    wave = serializers.CharField(source="wave.number")
    list_number = serializers.IntegerField()
    method = serializers.CharField(source="wave.method")
    zone = serializers.CharField()
    picker = serializers.CharField()
    claimed_until = serializers.DateTimeField()
    tasks = PickTaskShape(many=True, source="to_do")


class PickerInput(serializers.Serializer[Any]):
    """Who picks; without a name whoever signed in."""

    picker = serializers.CharField(max_length=150, allow_blank=True, default="")


class PickClaimInput(PickerInput):
    """Where, and in which zone only."""

    warehouse = serializers.CharField(max_length=32)
    zone = serializers.CharField(max_length=32, allow_blank=True, default="")


class PickConfirmInput(PickerInput):
    """What was picked, and what was scanned: the place, the goods, the tote or carton they went into."""

    quantity = serializers.IntegerField(min_value=0, max_value=MOST)
    place = serializers.CharField(max_length=SCAN, allow_blank=True, default="")
    goods = serializers.CharField(max_length=SCAN, allow_blank=True, default="", trim_whitespace=False)
    into = serializers.CharField(max_length=SCAN, allow_blank=True, default="")


class GivenBackShape(serializers.Serializer[Any]):
    """How many lists are free again."""

    lists = serializers.IntegerField()
