"""A dealer asks for many prices at once: source, agreement, break, rule, stock; beside one SQL join."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from b2b.core.actor import acting_as
from benchmarks import limit, world
from benchmarks.report import Report
from orders.selectors import quote

PRODUCTS = 2_000
OWN_AGREEMENTS = 1_800
SIZES = (1_000, 10_000)
BARE = """
    SELECT asked.sku, step.unit_price, step.unit_price * asked.quantity
    FROM unnest(%s::text[], %s::bigint[]) AS asked(sku, quantity)
    JOIN catalog_product product ON product.sku = asked.sku
    CROSS JOIN LATERAL (
        SELECT id FROM orders_priceagreement agreement
        WHERE agreement.product_id = product.id AND agreement.currency = 'CNY'
            AND (agreement.buyer_id IS NULL OR agreement.buyer_id = %s)
            AND agreement.valid_from <= current_date
        ORDER BY agreement.buyer_id NULLS LAST LIMIT 1) held
    CROSS JOIN LATERAL (
        SELECT unit_price FROM orders_pricebreak
        WHERE agreement_id = held.id AND min_quantity <= asked.quantity
        ORDER BY min_quantity DESC LIMIT 1) step
"""


def run(report: Report) -> None:
    """Measure quotes over general agreements and those of the dealer's own."""
    made = world.build(products=min(PRODUCTS, report.most))
    world.agree(made.maker, made.products[:OWN_AGREEMENTS], made.dealers[0])
    who = made.dealer_actor()
    with limit.connect() as bare, acting_as(who):
        bare.execute("ANALYZE orders_priceagreement, orders_pricebreak, catalog_product")
        for size in report.sizes(*SIZES):
            pairs = [(made.sku(n), 1 + n % 1_500) for n in range(size)]
            found = limit.middle(
                3,
                lambda _, pairs=pairs: quote.of_pairs(
                    who, pairs, dealer=made.dealers[0], currency="CNY", at=world.AT
                ),
            )
            joined = limit.middle(3, lambda _, pairs=pairs: _join(bare, pairs, made.dealers[0].pk))
            report.rate("quote prices", size, found, limit_seconds=joined.seconds, unit="pairs/s")


def _join(bare: psycopg.Connection, pairs: Sequence[tuple[str, int]], dealer_id: int) -> None:
    skus, quantities = map(list, zip(*pairs, strict=True))
    rows = bare.execute(BARE, [skus, quantities, dealer_id]).fetchall()
    if len(rows) != len(pairs):
        raise RuntimeError(f"{len(rows)} prices of {len(pairs)}")
