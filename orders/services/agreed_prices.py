"""What an order came to at agreed prices keeps them, and takes no more than was agreed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from b2b.db.bulk import fetch
from orders.models import Order
from orders.policies.order_facts import Facts, TradeFacts, agreed_terms


def of_order(order: Order) -> dict[int, TradeFacts]:
    """Return the terms by product of an order that is a release or an accepted quotation; of any other none.

    One query, none for other orders.
    """
    if not order.has_agreed_prices:
        return {}
    return {
        product_id: replace(agreed_terms(factory_id, unit_price), max_quantity=wanted)
        for product_id, factory_id, unit_price, wanted in fetch(
            """
            SELECT line.product_id, coalesce(min(line.factory_id), 0), min(line.unit_price),
                sum(line.quantity - line.cancelled)::bigint
            FROM orders_orderline line WHERE line.order_id = %s GROUP BY line.product_id
            """,
            [order.pk],
        )
    }


def hold(facts: Facts, agreed: Mapping[int, TradeFacts]) -> Facts:
    """Let agreed terms hold in place of those of the day."""
    return replace(facts, trade={**facts.trade, **agreed}) if agreed else facts
