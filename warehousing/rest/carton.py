"""For packing stations: cartons opened, filled, weighed, closed, changed and stacked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from b2b.core.actor import OPERATOR, Actor
from b2b.http.views import CommandView
from warehousing.models import HandlingUnit
from warehousing.policies.dimensions import MOST_MM, Size
from warehousing.rest.shapes import MOST, PackageShape
from warehousing.selectors import package, work
from warehousing.services import carton, pull, repack


class CartonOpenInput(serializers.Serializer[Any]):
    """The wave and the ship-to site the carton is for."""

    wave_id = serializers.UUIDField()
    ship_to = serializers.CharField(max_length=32)
    kind = serializers.ChoiceField(HandlingUnit.Kind.choices, default=HandlingUnit.Kind.CARTON)


class CartonPutInput(serializers.Serializer[Any]):
    """The goods as they were scanned, or their SKU."""

    goods = serializers.CharField(max_length=2048, trim_whitespace=False)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST)


class CartonCloseInput(serializers.Serializer[Any]):
    """What the scales and the measure say; null when nobody weighed or measured. All three sides or none."""

    gross_weight_g = serializers.IntegerField(min_value=1, max_value=MOST, allow_null=True, default=None)
    length_mm = serializers.IntegerField(min_value=1, max_value=MOST_MM, allow_null=True, default=None)
    width_mm = serializers.IntegerField(min_value=1, max_value=MOST_MM, allow_null=True, default=None)
    height_mm = serializers.IntegerField(min_value=1, max_value=MOST_MM, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Take all sides or none."""
        sides = [attrs.pop(name) for name in Size._fields]
        if None in sides and any(side is not None for side in sides):
            raise serializers.ValidationError("give length_mm, width_mm and height_mm, or none of them")
        return {**attrs, "size": None if None in sides else Size(*sides)}


class CartonShiftInput(serializers.Serializer[Any]):
    """Into which package; all of it, or so much of one SKU."""

    into = serializers.RegexField(r"^\d{18}$")
    sku = serializers.CharField(max_length=40, allow_blank=True, default="")
    quantity = serializers.IntegerField(min_value=1, max_value=MOST, allow_null=True, default=None)


class PackagePullInput(serializers.Serializer[Any]):
    """Why it is pulled; left out, what stops it is the reason."""

    reason = serializers.CharField(max_length=200, allow_blank=True, default="")


class PalletInput(serializers.Serializer[Any]):
    """The packages to stack, and the pallet if there is one already."""

    warehouse = serializers.CharField(max_length=32)
    packages = serializers.ListField(child=serializers.RegexField(r"^\d{18}$"), min_length=1, max_length=500)
    pallet = serializers.RegexField(r"^(\d{18})?$", allow_blank=True, default="")


class PalletShape(serializers.Serializer[Any]):
    """A pallet."""

    sscc = serializers.CharField()


class Open(CommandView):
    """Open an empty carton for a ship-to of a wave; it gets its SSCC."""

    scope, kinds = "warehousing", {OPERATOR}
    input, output, status = CartonOpenInput, PackageShape, 201

    def call(self, data: Any, *, by: Actor, at: datetime) -> Any:
        """Call the service."""
        made = carton.open_for(data["wave_id"], site_code=data["ship_to"], kind=data["kind"], by=by, at=at)
        return package.by_sscc(by, made.sscc)


class Put(CommandView):
    """Put scanned goods into an open carton."""

    scope, kinds = "warehousing", {OPERATOR}
    input, output = CartonPutInput, PackageShape

    def call(self, data: Any, *, by: Actor, at: datetime, sscc: str) -> Any:
        """Call the service."""
        carton.put(sscc, goods=data["goods"], quantity=data["quantity"], at=at)
        return package.by_sscc(by, sscc)


class Close(CommandView):
    """Close a carton; a weight its goods cannot have is refused."""

    scope, kinds = "warehousing", {OPERATOR}
    input, output = CartonCloseInput, PackageShape

    def call(self, data: Any, *, by: Actor, at: datetime, sscc: str) -> Any:
        """Call the service."""
        carton.close(sscc, gross_weight_g=data["gross_weight_g"], size=data["size"], by=by, at=at)
        return package.by_sscc(by, sscc)


class Reopen(CommandView):
    """Open a closed carton that dispatch was not told of."""

    scope, kinds = "warehousing", {OPERATOR}
    output = PackageShape

    def call(self, data: Any, *, by: Actor, at: datetime, sscc: str) -> Any:
        """Call the service."""
        repack.reopen(sscc, by=by, at=at)
        return package.by_sscc(by, sscc)


class Unpack(CommandView):
    """Take everything out of an open carton; its SSCC is never used again."""

    scope, kinds = "warehousing", {OPERATOR}
    output = PackageShape

    def call(self, data: Any, *, by: Actor, at: datetime, sscc: str) -> Any:
        """Call the service."""
        repack.unpack(sscc, by=by, at=at)
        return package.by_sscc(by, sscc)


class Pull(CommandView):
    """Take a closed package that must not leave out of its shipment; its goods go back to their shelf."""

    scope, kinds = "warehousing", {OPERATOR}
    input, output = PackagePullInput, PackageShape

    def call(self, data: Any, *, by: Actor, at: datetime, sscc: str) -> Any:
        """Call the service."""
        pull.pull([sscc], reason=data["reason"], by=by, at=at)
        return package.by_sscc(by, sscc)


class Shift(CommandView):
    """Move all (merge) or some (split) of an open carton into another for the same ship-to."""

    scope, kinds = "warehousing", {OPERATOR}
    input, output = CartonShiftInput, PackageShape

    def call(self, data: Any, *, by: Actor, at: datetime, sscc: str) -> Any:
        """Call the service."""
        repack.shift(sscc, data["into"], sku=data["sku"], quantity=data["quantity"], at=at)
        return package.by_sscc(by, data["into"])


class Stack(CommandView):
    """Stack closed packages for one ship-to on a pallet; it gets its SSCC."""

    scope, kinds = "warehousing", {OPERATOR}
    input, output, status = PalletInput, PalletShape, 201

    def call(self, data: Any, *, by: Actor, at: datetime) -> Any:
        """Call the service."""
        house = work.warehouse(by, data["warehouse"])
        return repack.stack(house.pk, data["packages"], pallet_sscc=data["pallet"], at=at)
