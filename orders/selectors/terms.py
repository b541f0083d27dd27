"""Source, price table and order rule of products for a buyer: one query for any number of products."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from b2b.db.bulk import fetch_dicts
from orders.policies.pricing import Break

_TERMS = """
    SELECT DISTINCT ON (source.product_id)
        source.product_id, source.factory_id, source.lead_time_days, source.moq, source.order_multiple,
        coalesce(rule.min_quantity, 1) AS min_quantity, coalesce(rule.order_multiple, 1) AS dealer_multiple,
        rule.max_quantity, steps.quantities, steps.prices
    FROM orders_supplysource source
    JOIN orders_priceagreement agreement ON agreement.product_id = source.product_id
        AND agreement.seller_id = source.factory_id AND agreement.currency = %(currency)s
        AND agreement.valid_from <= %(day)s AND (agreement.valid_to IS NULL OR agreement.valid_to >= %(day)s)
        AND (agreement.buyer_id IS NULL OR agreement.buyer_id = %(buyer)s)
    CROSS JOIN LATERAL (
        SELECT array_agg(step.min_quantity ORDER BY step.min_quantity) AS quantities,
               array_agg(step.unit_price ORDER BY step.min_quantity) AS prices
        FROM orders_pricebreak step WHERE step.agreement_id = agreement.id) steps
    LEFT JOIN LATERAL (
        SELECT one.* FROM orders_orderrule one
        WHERE one.product_id = source.product_id AND one.seller_id = source.factory_id
        AND (one.buyer_id IS NULL OR one.buyer_id = %(buyer)s)
        ORDER BY one.buyer_id NULLS LAST LIMIT 1) rule ON true
    WHERE source.is_active AND source.product_id = ANY(%(products)s) AND steps.quantities IS NOT NULL
        AND (%(factory)s::bigint IS NULL OR source.factory_id = %(factory)s)
    ORDER BY source.product_id, source.priority, source.id, agreement.buyer_id NULLS LAST
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """Who makes a product, and what the buyer must keep to and pay; quantities in base units."""

    product_id: int
    factory_id: int
    lead_time_days: int
    source_minimum: int
    source_multiple: int
    min_quantity: int
    order_multiple: int
    max_quantity: int | None
    breaks: tuple[Break, ...]


def of_products(
    product_ids: Iterable[int],
    *,
    buyer_id: int | None,
    currency: str,
    day: date,
    factory_id: int | None = None,
) -> dict[int, Terms]:
    """Return the terms of each product; one that nobody sells in this currency on this day is missing.

    The first source by priority that has an agreement wins; an agreement or rule for this buyer beats the one for
    everyone. Callers have checked that they may see the buyer's terms.
    """
    rows = fetch_dicts(
        _TERMS,
        {
            "currency": currency,
            "day": day,
            "buyer": buyer_id,
            "factory": factory_id,
            "products": list(set(product_ids)),
        },
    )
    return {row["product_id"]: _terms(row) for row in rows}


def _terms(row: dict[str, Any]) -> Terms:
    return Terms(
        product_id=row["product_id"],
        factory_id=row["factory_id"],
        lead_time_days=row["lead_time_days"],
        source_minimum=row["moq"],
        source_multiple=row["order_multiple"],
        min_quantity=row["min_quantity"],
        order_multiple=row["dealer_multiple"],
        max_quantity=row["max_quantity"],
        breaks=tuple(map(Break, row["quantities"], row["prices"])),
    )
