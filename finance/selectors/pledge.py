"""Pledged goods as borrower and funder may see them, what they are worth and what is owed on them."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from django.db.models import QuerySet, Sum

from b2b.core.actor import Actor
from b2b.core.money import Money
from finance.models import Financing, InvoiceLine, PledgeValuation, StockPledge


def visible(actor: Actor) -> QuerySet[StockPledge]:
    """Return pledges: the borrower's and the funder's own."""
    return StockPledge.objects.visible_to(actor).select_related(
        "financing", "borrower", "funder", "product", "site"
    )


def valuations(actor: Actor) -> QuerySet[PledgeValuation]:
    """Return what pledged goods were worth from day to day."""
    return PledgeValuation.objects.visible_to(actor).select_related("pledge__financing")


def unit_price(owner_id: int, product_id: int, currency: str) -> Decimal:
    """Return what a party was last invoiced for a unit before tax; nothing when it never was."""
    last = (
        InvoiceLine.objects.filter(dealer_id=owner_id, product_id=product_id, invoice__currency=currency)
        .order_by("-invoice__issue_date", "-pk")
        .values_list("unit_price", flat=True)
        .first()
    )
    return last or Decimal(0)


def worth(pledge: StockPledge, quantity: int) -> int:
    """Return what so many units of pledged goods are worth today, in minor units of the financing."""
    currency = pledge.financing.currency
    return Money.of(quantity * unit_price(pledge.borrower_id, pledge.product_id, currency), currency).minor


def owed(one: Financing) -> int:
    """Return what is owed on a financing as it was last booked, in minor units."""
    return one.principal_owed + one.interest_owed + one.fee_owed + one.penalty_owed


def pledged(owner_id: int, product_id: int, site_id: int) -> int:
    """Return how many units of a product of a party are pledged at a site."""
    held = StockPledge.objects.filter(borrower_id=owner_id, product_id=product_id, site_id=site_id)
    return int(held.aggregate(sum=Sum("remaining"))["sum"] or 0)


def pledged_of(goods: Collection[tuple[int, int, int]]) -> dict[tuple[int, int, int], int]:
    """Return (owner, product, site) -> pledged base units, without those of which none are; one statement.

    The caller decides who may ask.
    """
    owners, products, sites = (set(column) for column in zip(*goods, strict=True)) if goods else ((), (), ())
    held = StockPledge.objects.filter(
        status="PLEDGED", borrower_id__in=owners, product_id__in=products, site_id__in=sites
    )
    rows = held.values_list("borrower_id", "product_id", "site_id").annotate(Sum("remaining"))
    return {key: count for *one, count in rows if (key := tuple(one)) in goods}
