"""The resolver in SQL answers what a plain model in Python does, whatever was agreed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings

from b2b.core.actor import acting_as, system
from b2b.db.bulk import fetch_dicts, staged
from b2b.directory.models import BuyerGroup, BuyerGroupMembership
from orders.models import OrderRule, PriceAgreement, PriceBreak, SupplySource
from orders.policies.pricing import Break, choose, following
from orders.selectors import terms
from tests.factories import catalog, directory
from tests.orders.selectors.markets import (
    BUYERS,
    DAY,
    FIELDS,
    GROUPS,
    MARKETS,
    PRODUCTS,
    SELLERS,
    Market,
    Scope,
)
from tests.support.examples import examples

pytestmark = pytest.mark.django_db


def distance(scope: Scope, buyer: int | None, market: Market) -> int | None:
    """Tell how near terms of a scope are to a buyer, None when they are not for it."""
    if scope.kind == "everyone":
        return 3
    if buyer is None:
        return None
    if scope.kind == "buyer":
        return 1 if scope.index == buyer else None
    inside = any(who == buyer and group == scope.index and span.holds for who, group, span in market.members)
    return 2 if inside else None


def expected(market: Market, buyer: int | None, product: int) -> tuple[int, tuple[Break, ...], tuple] | None:
    """Return seller, break table and rules by the words of the docstring, one thing after another."""
    for seller, _, _, _ in sorted(
        (source for source in market.sources if source[1] == product and source[3]),
        key=lambda source: (source[2], market.sources.index(source)),
    ):
        offers = [
            (near, one.priority, index, one)
            for index, one in enumerate(market.agreements)
            if (one.seller, one.product, one.currency) == (seller, product, "CNY")
            and one.span.holds
            and (near := distance(one.scope, buyer, market))
        ]
        if offers:
            held = min(offers)[-1]
            table = tuple(Break(quantity, Decimal(price)) for quantity, price in held.table)
            return seller, table, rules(market, buyer, product, seller)
    return None


def rules(market: Market, buyer: int | None, product: int, seller: int) -> tuple[int | None, ...]:
    """Return each field of the first rule that has one, nearest first."""
    known = sorted(
        (near, one.product is None, one.priority, index, one.values)
        for index, one in enumerate(market.rules)
        if one.seller == seller
        and one.product in (None, product)
        and (near := distance(one.scope, buyer, market))
    )
    found: list[int | None] = [1, 1, None, None]
    for field in range(len(FIELDS)):
        for _, general, _, _, values in known:
            if values[field] is not None and (field < 3 or general):
                found[field] = values[field]
                break
    return tuple(found)


@dataclass
class Written:
    """The keys of what was written, by index."""

    buyers: list[int]
    products: list[int]
    sellers: list[int]


def write(market: Market) -> Written:
    """Write a market into the database."""
    sellers = [directory.factory_organization() for _ in range(SELLERS)]
    buyers = [directory.dealer() for _ in range(BUYERS)]
    products = catalog.products(PRODUCTS)
    groups = [BuyerGroup.objects.create(code=f"G{n}", name="G") for n in range(GROUPS)]

    def audience(scope: Scope) -> dict[str, object]:
        return {
            "buyer": buyers[scope.index] if scope.kind == "buyer" else None,
            "buyer_group": groups[scope.index] if scope.kind == "group" else None,
        }

    for who, group, span in market.members:
        BuyerGroupMembership.objects.create(organization=buyers[who], group=groups[group], **span.columns())
    for seller, product, priority, active in market.sources:
        SupplySource.objects.create(
            factory=sellers[seller], product=products[product], priority=priority, is_active=active
        )
    for one in market.agreements:
        made = PriceAgreement.objects.create(
            seller=sellers[one.seller], product=products[one.product], currency=one.currency,
            priority=one.priority, **audience(one.scope), **one.span.columns(),
        )  # fmt: skip
        PriceBreak.objects.bulk_create(
            PriceBreak(agreement=made, min_quantity=quantity, unit_price=price)
            for quantity, price in one.table
        )
    for rule in market.rules:
        values = dict(zip(FIELDS, rule.values, strict=True))
        if rule.product is not None:
            values["min_amount"] = None
        OrderRule.objects.create(
            seller=sellers[rule.seller],
            product=None if rule.product is None else products[rule.product],
            priority=rule.priority, **audience(rule.scope), **values,
        )  # fmt: skip
    return Written([one.pk for one in buyers], [one.pk for one in products], [one.pk for one in sellers])


def asked() -> Iterable[tuple[int | None, int]]:
    return [(buyer, product) for buyer in (None, *range(BUYERS)) for product in range(PRODUCTS)]


@settings(
    max_examples=examples(30),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(market=MARKETS)
def test_the_resolver_answers_what_the_model_does(market: Market) -> None:
    with acting_as(system("test")), transaction.atomic():
        keys = write(market)
        quantities = (1, 7, 30, 61)
        rows = [
            (keys.buyers[buyer] if buyer is not None else 0, keys.products[product], quantity)
            for buyer, product in asked()
            for quantity in quantities
        ]
        columns = dict.fromkeys(("buyer_id", "product_id", "quantity"), "bigint")
        with staged(columns, rows) as table:
            found = {
                (row["buyer_id"], row["product_id"], row["quantity"]): row
                for row in fetch_dicts(
                    terms.PRICED.format(rows=table), {"currency": "CNY", "day": DAY, "factory": None}
                )
            }
        for buyer, product in asked():
            check(market, keys, buyer, product, quantities, found)
        transaction.set_rollback(True)


def check(market: Market, keys: Written, buyer: int | None, product: int, quantities, found) -> None:
    """Compare one buyer and product, in SQL and in Python."""
    buyer_id = keys.buyers[buyer] if buyer is not None else None
    product_id = keys.products[product]
    wanted = expected(market, buyer, product)
    one = terms.of_products([product_id], buyer_id=buyer_id, currency="CNY", day=DAY).get(product_id)
    rows = {quantity: found.get((buyer_id or 0, product_id, quantity)) for quantity in quantities}
    if wanted is None:
        assert one is None
        assert not any(rows.values())
        return
    seller, table, ruled = wanted
    assert one is not None
    assert (one.factory_id, one.breaks) == (keys.sellers[seller], table)
    assert (one.min_quantity, one.order_multiple, one.max_quantity, one.min_amount) == ruled
    for quantity, row in rows.items():
        held, ahead = choose(table, quantity), following(table, quantity)
        assert row["unit_price"] == (held.unit_price if held else None)
        assert (row["next_quantity"], row["next_price"]) == (
            (ahead.min_quantity, ahead.unit_price) if ahead else (None, None)
        )
        assert tuple(row[name] for name in FIELDS) == ruled


def test_the_number_of_statements_does_not_grow() -> None:
    with acting_as(system("test")):
        for count in (1, 50):
            products = [one.pk for one in catalog.products(count)]
            with CaptureQueriesContext(connection) as queries:
                terms.of_products(products, buyer_id=None, currency="CNY", day=DAY)
            assert len(queries) == 1
