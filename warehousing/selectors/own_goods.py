"""What parties own of the goods in the warehouses."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet, Sum

from warehousing.models import Location, Quant, StockStatus
from warehousing.ports import OwnedAt, OwnGoods, pledges


def on_hand(*, owner_id: int, product_id: int, site_id: int) -> int:
    """Return the base units of a product that a party owns at a site: available ones in real places."""
    mine = _fit().filter(owner_id=owner_id, product_id=product_id, location__warehouse__site_id=site_id)
    return int(mine.aggregate(sum=Sum("on_hand"))["sum"] or 0)


def unfree(goods: Sequence[OwnGoods]) -> set[int]:
    """Return which of these (by place in the list) may not leave together with those before them: they are pledged.

    One question to finance, and one statement where it knows of a pledge. The caller decides who may ask.
    """
    pledged = pledges().pledged({OwnedAt(*one[:3]) for one in goods}) if goods else {}
    if not pledged:
        return set()
    owners, products, sites = (set(column) for column in zip(*pledged, strict=True))
    key = ("owner_id", "product_id", "location__warehouse__site_id")
    held = _fit().filter(owner_id__in=owners, product_id__in=products, location__warehouse__site_id__in=sites)
    free = {tuple(row[:3]): row[3] for row in held.values_list(*key).annotate(Sum("on_hand"))}
    stopped = set()
    for place, one in enumerate(goods):
        asked = one[:3]
        if asked not in pledged:
            continue
        if free.get(asked, 0) - pledged[asked] < one.quantity:
            stopped.add(place)
        else:
            free[asked] -= one.quantity
    return stopped


def _fit() -> QuerySet[Quant]:
    return Quant.objects.filter(status=StockStatus.AVAILABLE).exclude(location__kind__in=Location.VIRTUAL)
