"""Pledged goods as borrower and funder may see them, what they are worth and what is owed on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.db.bulk import fetch, transpose, unnest
from finance import ports
from finance.models import Financing, PledgeValuation, StockPledge
from finance.policies.collateral import share_out

_PRICES: Final = """
    SELECT wanted.owner_id, wanted.product_id, wanted.currency, last.unit_price FROM {wanted}
    CROSS JOIN LATERAL (
        SELECT line.unit_price FROM finance_invoiceline line
        JOIN finance_invoice invoice ON invoice.id = line.invoice_id AND invoice.currency = wanted.currency
        WHERE line.dealer_id = wanted.owner_id AND line.product_id = wanted.product_id
        ORDER BY invoice.issue_date DESC, line.id DESC LIMIT 1
    ) last
"""


def visible(actor: Actor) -> QuerySet[StockPledge]:
    """Return pledges: the borrower's and the funder's own."""
    return StockPledge.objects.visible_to(actor).select_related(
        "financing", "borrower", "funder", "product", "site"
    )


def with_last_value(actor: Actor) -> QuerySet[StockPledge]:
    """Return pledges as `visible`, with `last_worth`, `last_owed` and `last_is_call` of their last valuation."""
    last = PledgeValuation.objects.filter(pledge=OuterRef("pk")).order_by("-day")
    return visible(actor).annotate(
        **{f"last_{name}": Subquery(last.values(name)[:1]) for name in ("worth", "owed", "is_call")}
    )


def valuations(actor: Actor) -> QuerySet[PledgeValuation]:
    """Return what pledged goods were worth from day to day."""
    return PledgeValuation.objects.visible_to(actor).select_related("pledge__financing")


def unit_prices(wanted: Collection[tuple[int, int, str]]) -> dict[tuple[int, int, str], Decimal]:
    """Return by (owner, product, currency) what a party was last invoiced for a unit before tax; nothing where it never
    was. One statement."""
    names = {"owner_id": "bigint", "product_id": "bigint", "currency": "text"}
    rows = fetch(_PRICES.format(wanted=unnest(names, "wanted")), transpose(list(names), sorted(set(wanted))))
    found = {(owner, product, currency): price for owner, product, currency, price in rows}
    return {key: found.get(key, Decimal(0)) for key in wanted}


def worth(held: Mapping[StockPledge, int]) -> dict[UUID, int]:
    """Return what so many units of each pledge are worth today, in minor units of its financing; one statement."""
    keys = {one.pk: (one.borrower_id, one.product_id, one.financing.currency) for one in held}
    prices = unit_prices(set(keys.values()))
    return {
        one.pk: Money.of(units * prices[keys[one.pk]], one.financing.currency).minor
        for one, units in held.items()
    }


def there(held: Iterable[StockPledge]) -> dict[UUID, int]:
    """Return how many units in the warehouse secure each pledge; goods may be lost without anybody asking.

    Where goods of one kind secure several pledges the older one comes first. Two statements.
    """
    kinds = {(one.borrower_id, one.product_id, one.site_id) for one in held}
    counted = ports.goods().owned(kinds)
    owners, products, sites = ({key[place] for key in kinds} for place in range(3))
    rivals = StockPledge.objects.filter(
        status="PLEDGED", borrower__in=owners, product__in=products, site__in=sites
    ).order_by("created_at", "pk")
    of_kind: dict[tuple[int, int, int], list[StockPledge]] = defaultdict(list)
    for one in rivals:
        of_kind[one.borrower_id, one.product_id, one.site_id].append(one)
    return {
        one.pk: units
        for kind in kinds
        for one, units in zip(
            of_kind[kind], share_out(counted[kind], [rival.remaining for rival in of_kind[kind]]), strict=True
        )
    }


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
