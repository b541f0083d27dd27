"""What a person or a handheld named at the shelf."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from b2b.catalog.models import Product
from b2b.core.errors import Invalid, Problem
from b2b.directory.models import Organization
from warehousing.models import HandlingUnit, Location, Lot


@dataclass(frozen=True, slots=True)
class Scanned:
    """The keys of a place, a product, a lot, a handling unit and an owner."""

    location_id: int
    product_id: int
    lot_id: int | None
    handling_unit_id: int | None
    owner_id: int | None


def resolve(
    warehouse_id: int,
    *,
    location: str,
    goods: str,
    lot_number: str = "",
    sscc: str = "",
    owner: str = "",
    goods_field: str = "goods",
) -> Scanned:
    """Find what was scanned or typed; goods by SKU or GTIN, the owner by code. Faults of goods are at `goods_field`.

    :raises Invalid: saying everything that is unknown at once.
    """
    place = Location.objects.filter(warehouse_id=warehouse_id, code__iexact=location).first()
    digits = goods.zfill(14) if goods.isdigit() else ""
    by_gtin = Q(gtin__in={goods, digits, digits.lstrip("0")}) & ~Q(gtin="") if digits else Q(pk=None)
    product = Product.objects.filter(Q(sku__iexact=goods) | by_gtin).order_by("pk").first()
    lot = Lot.objects.filter(product=product, number=lot_number).first() if product and lot_number else None
    unit = HandlingUnit.objects.filter(sscc=sscc).first() if sscc else None
    party = Organization.objects.filter(code=owner).first() if owner else None
    problems = []
    if place is None:
        problems.append(Problem("unknown_location", f"there is no place {location} here", "/location"))
    if product is None:
        problems.append(Problem("unknown_product", f"nothing has the SKU or GTIN {goods}", f"/{goods_field}"))
    elif lot_number and lot is None:
        problems.append(Problem("unknown_lot", f"{product.sku} has no lot {lot_number}", "/lot_number"))
    if sscc and unit is None:
        problems.append(Problem("unknown_unit", f"there is no handling unit {sscc}", "/sscc"))
    if owner and party is None:
        problems.append(Problem("unknown_owner", f"there is no organisation {owner}", "/owner"))
    if place is None or product is None or problems:
        raise Invalid("The scan names things that are unknown.", problems=problems)
    return Scanned(
        place.pk,
        product.pk,
        lot.pk if lot else None,
        unit.pk if unit else None,
        party.pk if party else None,
    )
