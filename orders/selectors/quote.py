"""Prices for any number of (SKU, quantity) pairs in three queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from b2b.catalog.selectors import product
from b2b.core.actor import Actor, acting_as, system
from b2b.core.money import round_to_currency
from b2b.directory.models import Organization
from orders import ports
from orders.policies.pricing import Break, choose, following
from orders.selectors import terms
from orders.selectors.terms import Terms


@dataclass(frozen=True, slots=True)
class Quote:
    """What a quantity costs alone, and what the next break would bring; no price when nobody sells it so.

    `min_amount` is what an order at the seller of this product comes to before tax, at least.
    """

    sku: str
    quantity: int
    unit_price: Decimal | None = None
    net_amount: Decimal | None = None
    next_break: Break | None = None
    min_quantity: int | None = None
    order_multiple: int | None = None
    max_quantity: int | None = None
    min_amount: Decimal | None = None
    lead_time_days: int | None = None
    available: int = 0


def of_pairs(
    actor: Actor, pairs: Sequence[tuple[str, int]], *, dealer: Organization, currency: str, at: datetime
) -> list[Quote]:
    """Return one quote per pair, in order; quantities in base units. The caller may act for the dealer."""
    keys = product.keys_by_sku(actor, {sku for sku, _ in pairs})
    found = terms.of_products(keys.values(), buyer_id=dealer.pk, currency=currency, day=at.date())
    with acting_as(system("stock")):
        stock = ports.stock().available(list(found)) if found else {}
    quotes = []
    for sku, quantity in pairs:
        one = found.get(keys.get(sku, 0))
        quotes.append(
            _quote(sku, quantity, one, currency, stock.get(one.product_id, 0))
            if one
            else Quote(sku, quantity)
        )
    return quotes


def _quote(sku: str, quantity: int, one: Terms, currency: str, available: int) -> Quote:
    held = choose(one.breaks, quantity)
    return Quote(
        sku=sku,
        quantity=quantity,
        unit_price=held.unit_price if held else None,
        net_amount=round_to_currency(held.unit_price * quantity, currency) if held else None,
        next_break=following(one.breaks, quantity),
        min_quantity=one.min_quantity,
        order_multiple=one.order_multiple,
        max_quantity=one.max_quantity,
        min_amount=one.min_amount,
        lead_time_days=one.lead_time_days,
        available=available,
    )
