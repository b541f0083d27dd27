"""Many prices at once over 3,800 agreements of all scopes: quoted to a dealer, and joined to a staged table in SQL."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from django.db import transaction

from b2b.core.actor import acting_as
from b2b.db.bulk import fetch_value, staged
from b2b.directory.models import BuyerGroup, BuyerGroupMembership
from benchmarks import limit, world
from benchmarks.report import Report
from orders.models import OrderRule
from orders.selectors import quote, terms

PRODUCTS = 2_000
GROUP_AGREEMENTS = 1_000
OWN_AGREEMENTS = 800
QUOTED = (1_000, 10_000)
JOINED = (10_000, 100_000)
COLUMNS = {"buyer_id": "bigint", "product_id": "bigint", "quantity": "bigint"}
BARE = """
    SELECT asked.sku, step.unit_price, step.unit_price * asked.quantity
    FROM unnest(%s::text[], %s::bigint[]) AS asked(sku, quantity)
    JOIN catalog_product product ON product.sku = asked.sku
    CROSS JOIN LATERAL (
        SELECT id FROM orders_priceagreement agreement
        WHERE agreement.product_id = product.id AND agreement.currency = 'CNY'
            AND agreement.audience = ANY(%s) AND agreement.valid_from <= current_date
        ORDER BY agreement.buyer_id NULLS LAST, agreement.audience LIMIT 1) held
    CROSS JOIN LATERAL (
        SELECT unit_price FROM orders_pricebreak
        WHERE agreement_id = held.id AND min_quantity <= asked.quantity
        ORDER BY min_quantity DESC LIMIT 1) step
"""


def run(report: Report) -> None:
    """Measure quotes and joins over agreements of a dealer's own, of its group and for everyone."""
    made = world.build(products=min(PRODUCTS, report.most))
    audiences = _agree(made)
    who = made.dealer_actor()
    with limit.connect() as bare, acting_as(who):
        bare.execute("ANALYZE orders_priceagreement, orders_pricebreak, orders_orderrule, catalog_product")
        for size in report.sizes(*QUOTED):
            pairs = [(made.sku(n), 1 + n % 1_500) for n in range(size)]
            found = limit.middle(
                3,
                lambda _, pairs=pairs: quote.of_pairs(
                    who, pairs, dealer=made.dealers[0], currency="CNY", at=world.AT
                ),
            )
            joined = limit.middle(3, lambda _, pairs=pairs: _join(bare, pairs, audiences))
            report.rate(
                "quote prices", size, found, limit_seconds=joined.seconds, unit="pairs/s", within_s=0.5
            )
        for size in report.sizes(*JOINED):
            rows = [
                (
                    made.dealers[n // 2_000 % len(made.dealers)].pk,
                    made.products[n % len(made.products)].pk,
                    1 + n % 1_500,
                )
                for n in range(size)
            ]
            pairs = [(made.sku(n), 1 + n % 1_500) for n in range(size)]
            priced = limit.middle(3, lambda _, rows=rows: _price(rows))
            joined = limit.middle(3, lambda _, pairs=pairs: _join(bare, pairs, audiences))
            report.rate(
                "price a staged table", size, priced, limit_seconds=joined.seconds, unit="rows/s", within_s=3
            )


def _agree(made: world.World) -> list[int]:
    """Add agreements and rules beside the general ones; return for whom those are that the first dealer may have."""
    dealer = made.dealers[0]
    group = BuyerGroup.objects.create(code="TIER", name="Tier")
    BuyerGroupMembership.objects.bulk_create(
        BuyerGroupMembership(group=group, organization=one, valid_from=world.SINCE)
        for one in made.dealers[:10]
    )
    world.agree(made.maker, made.products[:GROUP_AGREEMENTS], group=group, prices=("9.5", "8", "7"))
    world.agree(made.maker, made.products[-OWN_AGREEMENTS:], dealer, prices=("9", "7.5", "6.5"))
    OrderRule.objects.create(seller=made.maker, min_amount=100)
    OrderRule.objects.bulk_create(
        OrderRule(seller=made.maker, product=one, min_quantity=48, order_multiple=12)
        for one in made.products[::4]
    )
    return [dealer.pk, -group.pk, 0]


def _price(rows: Sequence[Sequence[int]]) -> None:
    with transaction.atomic(), acting_as(world.BY), staged(COLUMNS, rows) as table:
        priced = fetch_value(
            f"SELECT count(unit_price) FROM ({terms.PRICED.format(rows=table)}) priced",
            {"currency": "CNY", "day": world.AT.date(), "factory": None},
        )
    if priced != len(set(rows)):
        raise RuntimeError(f"{priced} prices of {len(rows)}")


def _join(bare: psycopg.Connection, pairs: Sequence[tuple[str, int]], audiences: list[int]) -> None:
    skus, quantities = map(list, zip(*pairs, strict=True))
    rows = bare.execute(BARE, [skus, quantities, audiences]).fetchall()
    if len(rows) != len(pairs):
        raise RuntimeError(f"{len(rows)} prices of {len(pairs)}")
