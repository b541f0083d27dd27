"""What parties own of the goods in the warehouses."""

from __future__ import annotations

from django.db.models import Sum

from warehousing.models import Location, Quant, StockStatus


def on_hand(*, owner_id: int, product_id: int, site_id: int) -> int:
    """Return the base units of a product that a party owns at a site: available ones in real places."""
    mine = Quant.objects.filter(
        owner_id=owner_id,
        product_id=product_id,
        status=StockStatus.AVAILABLE,
        location__warehouse__site_id=site_id,
    ).exclude(location__kind__in=Location.VIRTUAL)
    return int(mine.aggregate(sum=Sum("on_hand"))["sum"] or 0)
