"""Buyer groups and purchase prices for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from b2b.core.actor import acting_as, system
from b2b.directory.models import BuyerGroup, BuyerGroupMembership, Organization
from orders.models import SourceBreak, SupplySource


def buyer_group(
    *members: Organization, code: str = "TIER-1", since: date = date(2026, 1, 1), until: date | None = None
) -> BuyerGroup:
    """Create a buyer group with these dealers in it."""
    with acting_as(system("test")):
        made, _ = BuyerGroup.objects.get_or_create(code=code, defaults={"name": code})
        BuyerGroupMembership.objects.bulk_create(
            BuyerGroupMembership(group=made, organization=member, valid_from=since, valid_to=until)
            for member in members
        )
    return made


def purchase_prices(
    source: SupplySource, breaks: Sequence[tuple[int, str]], *, since: date = date(2026, 1, 1)
) -> None:
    """Write what the platform pays a source from a day on."""
    with acting_as(system("test")):
        SourceBreak.objects.bulk_create(
            SourceBreak(source=source, valid_from=since, min_quantity=quantity, unit_price=Decimal(price))
            for quantity, price in breaks
        )
