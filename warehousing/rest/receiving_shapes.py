"""How scans, found goods, inspections and putaway tasks look in the API; quantities in base units."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from rest_framework import serializers

from warehousing.rest.shapes import MOST


class PhotoField(serializers.CharField):
    """A photo in base64: JPEG, PNG or WebP of at most 5 MB."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{"required": False, "allow_blank": True, "default": "", "max_length": 7_000_000, **options}
        )

    def to_internal_value(self, data: Any) -> Any:
        """Return the bytes. :raises ValidationError: when it is no base64."""
        try:
            return base64.b64decode(super().to_internal_value(data), validate=True)
        except (binascii.Error, ValueError) as error:
            raise serializers.ValidationError("not base64") from error


class ScanInput(serializers.Serializer[Any]):
    """What was scanned or typed: a GS1 code in any form or a SKU; `quantity` counts what the code names."""

    code = serializers.CharField(max_length=200, trim_whitespace=False)
    quantity = serializers.IntegerField(min_value=-MOST, max_value=MOST, default=1)
    unit = serializers.CharField(max_length=8, allow_blank=True, default="")
    damaged = serializers.BooleanField(default=False)
    reason = serializers.CharField(max_length=200, allow_blank=True, default="")
    lot_number = serializers.CharField(max_length=40, allow_blank=True, default="")
    expiry_date = serializers.DateField(allow_null=True, default=None)
    photo = PhotoField()
    key = serializers.CharField(max_length=80, allow_blank=True, default="")


class ScanShape(serializers.Serializer[Any]):
    """Goods that were counted on a line; `part` is set once they are booked."""

    id = serializers.IntegerField()
    line_number = serializers.IntegerField(source="line.line_number")
    sku = serializers.CharField(source="line.product.sku")
    lot_number = serializers.CharField(source="line.lot_number")
    code = serializers.CharField()
    sscc = serializers.CharField()
    condition = serializers.CharField()
    quantity = serializers.IntegerField()
    reason = serializers.CharField()
    scanned_by = serializers.CharField()
    scanned_at = serializers.DateTimeField()
    part = serializers.IntegerField(allow_null=True)
    is_void = serializers.BooleanField()


class FoundGoodsShape(serializers.Serializer[Any]):
    """Goods nobody expected."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.CharField()
    warehouse = serializers.CharField(source="warehouse.code")
    receipt_id = serializers.UUIDField(allow_null=True)
    cause = serializers.CharField()
    sku = serializers.CharField(source="product.sku", default=None, allow_null=True)
    lot_number = serializers.CharField()
    expiry_date = serializers.DateField(allow_null=True)
    code = serializers.CharField()
    description = serializers.CharField()
    quantity = serializers.IntegerField()
    owner = serializers.CharField(source="owner.code", default=None, allow_null=True)


class CountedShape(serializers.Serializer[Any]):
    """What a scan counted, and what of it was parked."""

    scans = ScanShape(many=True)
    parked = FoundGoodsShape(allow_null=True)


class FoundGoodsInput(serializers.Serializer[Any]):
    """What was found, by SKU or in words."""

    warehouse = serializers.CharField(max_length=32)
    quantity = serializers.IntegerField(min_value=-MOST, max_value=MOST)
    cause = serializers.ChoiceField(["UNEXPECTED", "UNKNOWN"], default="UNKNOWN")
    sku = serializers.CharField(max_length=40, allow_blank=True, default="")
    lot_number = serializers.CharField(max_length=40, allow_blank=True, default="")
    expiry_date = serializers.DateField(allow_null=True, default=None)
    code = serializers.CharField(max_length=200, allow_blank=True, default="")
    description = serializers.CharField(max_length=200, allow_blank=True, default="")
    photo = PhotoField()


class TakeInInput(serializers.Serializer[Any]):
    """Whose the goods are (code of an organisation; empty for the platform), and what they are if nobody knew."""

    owner = serializers.CharField(max_length=24, allow_blank=True, default="")
    sku = serializers.CharField(max_length=40, allow_blank=True, default="")


class CallOffInput(serializers.Serializer[Any]):
    """Why nothing comes."""

    reason = serializers.CharField(max_length=200)


class FoundGoodsReasonInput(serializers.Serializer[Any]):
    """Why; it is kept in the history."""

    reason = serializers.CharField(max_length=200)


class DisposalInput(serializers.Serializer[Any]):
    """What becomes of rejected units of a line."""

    line_number = serializers.IntegerField(min_value=1, max_value=MOST)
    send_back = serializers.IntegerField(min_value=0, max_value=MOST, default=0)
    destroy = serializers.IntegerField(min_value=0, max_value=MOST, default=0)


class DisposeRejectedInput(serializers.Serializer[Any]):
    """The lines that are decided."""

    lines = DisposalInput(many=True, allow_empty=False)
    reason = serializers.CharField(max_length=200, allow_blank=True, default="")


class InspectionShape(serializers.Serializer[Any]):
    """A lot held for inspection: look at `sample_size` pieces, accept with at most `acceptance_number` bad ones."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.CharField()
    warehouse = serializers.CharField(source="warehouse.code")
    receipt_id = serializers.UUIDField()
    line_number = serializers.IntegerField(source="line.line_number")
    sku = serializers.CharField(source="product.sku")
    lot_number = serializers.CharField(source="lot.number", default=None, allow_null=True)
    lot_size = serializers.IntegerField()
    level = serializers.CharField()
    aql = serializers.DecimalField(max_digits=7, decimal_places=3)
    severity = serializers.CharField()
    code_letter = serializers.CharField()
    sample_size = serializers.IntegerField()
    acceptance_number = serializers.IntegerField()
    nonconforming = serializers.IntegerField(allow_null=True)
    accepted_quantity = serializers.IntegerField()
    rejected_quantity = serializers.IntegerField()
    finding = serializers.CharField()


class JudgeInput(serializers.Serializer[Any]):
    """How many of the sample were bad."""

    nonconforming = serializers.IntegerField(min_value=-MOST, max_value=MOST)
    finding = serializers.CharField(max_length=200, allow_blank=True, default="")


class DecideInput(serializers.Serializer[Any]):
    """What becomes of a failed lot; `accepted` says how many were good after sorting."""

    verdict = serializers.ChoiceField(["rework", "reject", "sort"])
    accepted = serializers.IntegerField(min_value=0, max_value=MOST, default=0)
    reason = serializers.CharField(max_length=200)


class PutawayTaskShape(serializers.Serializer[Any]):
    """Carry a quantity from one place to another."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    status = serializers.CharField()
    sku = serializers.CharField(source="product.sku")
    lot_number = serializers.CharField(source="lot.number", default=None, allow_null=True)
    source = serializers.CharField(source="source.code")
    destination = serializers.CharField(source="destination.code")
    quantity = serializers.IntegerField()
    claimed_by = serializers.CharField()
    claimed_until = serializers.DateTimeField(allow_null=True)


class ClaimTasksInput(serializers.Serializer[Any]):
    """In which warehouse, how many tasks, and of which kind if not any."""

    warehouse = serializers.CharField(max_length=32)
    count = serializers.IntegerField(min_value=1, max_value=200, default=1)
    kind = serializers.ChoiceField(["PUTAWAY", "REPLENISHMENT", ""], default="")


class TasksShape(serializers.Serializer[Any]):
    """Tasks that are one's own now."""

    tasks = PutawayTaskShape(many=True)


class CarriedInput(serializers.Serializer[Any]):
    """A task that is done; `location` only where it is another place than the proposed one."""

    task_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    location = serializers.CharField(max_length=32, allow_blank=True, default="")


class ConfirmInput(serializers.Serializer[Any]):
    """The tasks that are done."""

    tasks = CarriedInput(many=True, allow_empty=False, max_length=200)
