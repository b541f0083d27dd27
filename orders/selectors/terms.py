"""Source, price table and order rules of products: one statement for any number of them.

Large sets are priced in SQL, joined to a staged table (`PRICED`, `TERMS`); the functions are for what Python handles.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from b2b.db.bulk import fetch, fetch_dicts, literal
from orders.policies.pricing import Break
from orders.policies.tranche import Part
from orders.selectors import blanket
from orders.selectors.terms_sql import PRICED, PURCHASE, TERMS

# Read from the table of products and not from the array alone: the planner knows how many there are.
_ASKED: Final = """(
    SELECT %(buyer)s::bigint AS buyer_id, id AS product_id FROM catalog_product
    WHERE id = ANY(%(products)s::bigint[])) asked"""
_OF_PRODUCTS: Final = f"""
    SELECT product_id, seller_id, lead_time_days, source_minimum, source_multiple, min_quantity, order_multiple,
        max_quantity, quantities, prices, min_amount FROM ({TERMS.format(rows=_ASKED)}) terms
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """Who makes a product, and what the buyer must keep to and pay; quantities in base units.

    `min_amount` is what an order at this factory comes to before tax, at least.
    """

    product_id: int
    factory_id: int
    lead_time_days: int
    source_minimum: int
    source_multiple: int
    min_quantity: int
    order_multiple: int
    max_quantity: int | None
    breaks: tuple[Break, ...]
    min_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """On what terms the platform buys a product of a factory; quantities in base units.

    `agreed` is what is left of blanket orders with the factory, each at its price, cheapest first.
    """

    lead_time_days: int
    minimum: int
    multiple: int
    breaks: tuple[Break, ...]
    agreed: tuple[Part, ...] = ()


def of_products(
    product_ids: Iterable[int],
    *,
    buyer_id: int | None,
    currency: str,
    day: date,
    factory_id: int | None = None,
) -> dict[int, Terms]:
    """Return the terms of each product; one that nobody sells in this currency on this day is missing.

    Without a buyer they are the terms for everyone. Callers have checked that they may see the buyer's terms.
    """
    rows = fetch(
        _OF_PRODUCTS,
        {
            "currency": currency,
            "day": day,
            "buyer": buyer_id or 0,
            "factory": factory_id,
            "products": literal(set(product_ids)),
        },
    )
    return {
        row[0]: Terms(*row[:8], tuple(map(Break, quantities, prices)), min_amount)
        for *row, quantities, prices, min_amount in rows
    }


def of_supply(
    pairs: Collection[tuple[int, int]], *, currency: str, day: date
) -> dict[tuple[int, int], Supply]:
    """Return what the platform itself pays for (factory, product) pairs; one without a price is missing.

    What is left of blanket orders with the factory stands beside the table (`policies.tranche` buys of both). A source
    without a purchase price table of its own sells to the platform as it sells to everyone. A few queries.
    """
    rows = fetch_dicts(
        PURCHASE,
        {
            "factories": [factory_id for factory_id, _ in pairs],
            "products": [product_id for _, product_id in pairs],
            "currency": currency,
            "day": day,
        },
    )
    supplies = {
        (row["factory_id"], row["product_id"]): Supply(
            row["lead_time_days"], row["moq"], row["order_multiple"], _breaks(row)
        )
        for row in rows
    }
    for pair, lines in blanket.in_force(supplies, currency=currency, day=day).items():
        agreed = tuple(Part(line.standing.left, line.unit_price) for line in lines)
        supplies[pair] = replace(supplies[pair], agreed=agreed)
    return supplies


def _breaks(row: dict[str, Any]) -> tuple[Break, ...]:
    return tuple(map(Break, row["quantities"], row["prices"]))


__all__ = ["PRICED", "TERMS", "Supply", "Terms", "of_products", "of_supply"]
