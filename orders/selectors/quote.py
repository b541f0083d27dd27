"""Prices for any number of (SKU, quantity) pairs in three queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from b2b.catalog.selectors import product
from b2b.core.actor import Actor
from b2b.core.money import round_to_currency
from b2b.directory.models import Organization
from orders.policies.pricing import Break, choose, following
from orders.selectors import row_facts


@dataclass(frozen=True, slots=True)
class Quote:
    """What a quantity costs alone, and what the next break would bring; no price when nobody sells it so."""

    sku: str
    quantity: int
    unit_price: Decimal | None = None
    net_amount: Decimal | None = None
    next_break: Break | None = None
    min_quantity: int | None = None
    order_multiple: int | None = None
    lead_time_days: int | None = None
    available: int = 0


def of_pairs(
    actor: Actor, pairs: Sequence[tuple[str, int]], *, dealer: Organization, currency: str, at: datetime
) -> list[Quote]:
    """Return one quote per pair, in order; quantities in base units. The caller may act for the dealer."""
    products = product.by_sku(actor, {sku for sku, _ in pairs})
    trade = row_facts.trade_facts(
        [one.pk for one in products.values()], buyer_id=dealer.pk, currency=currency, at=at
    )
    quotes = []
    for sku, quantity in pairs:
        facts = trade.get(products[sku].pk) if sku in products else None
        held = choose(facts.breaks, quantity) if facts else None
        if facts is None:
            quotes.append(Quote(sku, quantity))
            continue
        quotes.append(
            Quote(
                sku=sku,
                quantity=quantity,
                unit_price=held.unit_price if held else None,
                net_amount=round_to_currency(held.unit_price * quantity, currency) if held else None,
                next_break=following(facts.breaks, quantity),
                min_quantity=facts.min_quantity,
                order_multiple=facts.order_multiple,
                lead_time_days=facts.lead_time_days,
                available=facts.available,
            )
        )
    return quotes
