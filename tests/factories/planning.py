"""Buffers and what they are planned from, for tests."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from b2b.catalog.models import Product
from b2b.core.actor import acting_as, system
from orders.models import Buffer, BufferProfile, DemandBucket
from tests.factories.orders import Trade

MONDAY = date(2026, 11, 23)


def profile(**values: object) -> BufferProfile:
    """Create a profile; the worked example of the method unless told otherwise."""
    with acting_as(system("test")):
        return BufferProfile.objects.get_or_create(code=values.pop("code", "plain"), defaults=values)[0]


def buffer(market: Trade, index: int = 0, *, usage: str = "10", **values: object) -> Buffer:
    """Buffer a product of the market: usage 10 a day, lead time 20 days, minimum 50, as in the worked example."""
    with acting_as(system("test")):
        return Buffer.objects.create(
            product=market.products[index],
            factory=market.maker,
            profile=values.pop("profile", None) or profile(),
            **{
                "daily_usage": Decimal(usage),
                "usage_is_set": True,
                "lead_time_days": 20,
                "moq": 50,
                "order_multiple": 1,
                **values,
            },
        )


def sold(product: Product, weekly: list[int], *, region: str = "east", until: date = MONDAY) -> None:
    """Let so much have been asked for in the weeks before Monday, all on Wednesdays."""
    with acting_as(system("test")):
        DemandBucket.objects.bulk_create(
            DemandBucket(
                product=product,
                region=region,
                on_date=until - timedelta(weeks=len(weekly) - index) + timedelta(days=2),
                ordered=quantity,
            )
            for index, quantity in enumerate(weekly)
            if quantity
        )
