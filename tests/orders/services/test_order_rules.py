"""Rules and sources are kept by services, with a history."""

from decimal import Decimal

import pytest

from b2b.core.errors import Forbidden, Invalid
from orders.models import OrderRule, TermsChange
from orders.policies.pricing import Break
from orders.selectors import terms
from orders.services import bulk_order, order_rules, supply_source
from orders.services.order_rules import Rule
from orders.services.supply_source import Source
from tests.factories import orders as made
from tests.factories.orders import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return made.trade(dealers=1)


def rule(market, says, **scope):
    return order_rules.put(market.maker, says, by=market.operator_actor, at=NOW, **scope)


def resolved(market):
    one = terms.of_products(
        [market.products[0].pk], buyer_id=market.dealers[0].pk, currency="CNY", day=NOW.date()
    )
    return one[market.products[0].pk]


def test_a_rule_is_made_changed_and_removed(market):
    first = rule(market, Rule(min_quantity=48, order_multiple=24), product=market.products[0])
    again = rule(market, Rule(min_quantity=24), product=market.products[0], reason="slow season")

    assert first.pk == again.pk
    assert (resolved(market).min_quantity, resolved(market).order_multiple) == (24, 1)
    order_rules.remove(again, by=market.operator_actor, at=NOW)
    assert not OrderRule.objects.exists()
    assert [(one.verb, one.before, one.after) for one in TermsChange.objects.order_by("pk")][1:] == [
        (
            "change",
            {"min_quantity": 48, "order_multiple": 24, "max_quantity": None, "min_amount": None},
            {"min_quantity": 24, "order_multiple": None, "max_quantity": None, "min_amount": None},
        ),
        (
            "remove",
            {"min_quantity": 24, "order_multiple": None, "max_quantity": None, "min_amount": None},
            None,
        ),
    ]


def test_a_minimum_of_48_by_24_admits_48_72_96_and_not_50(market):
    rule(market, Rule(min_quantity=48, order_multiple=24), product=market.products[0])

    def codes(quantity):
        rows = bulk_order.rows_of([{"sku": market.products[0].sku, "quantity": quantity}])
        judged = bulk_order.preview(
            rows, dealer=market.dealers[0], ship_to=market.shops[0], by=market.dealer_actor(), at=NOW
        )
        return [problem.code for problem in judged.problems]

    assert {quantity: codes(quantity) for quantity in (24, 48, 50, 72, 96)} == {
        24: ["below_minimum"], 48: [], 50: ["not_a_multiple"], 72: [], 96: [],
    }  # fmt: skip


def test_an_order_minimum_is_kept(market):
    rule(market, Rule(min_amount=Decimal(100)))
    with pytest.raises(bulk_order.InvalidRows):
        made.order(market, [9])
    assert made.order(market, [10]).total_net == 100


def test_a_general_rule_stands_beside_that_of_a_product(market):
    rule(market, Rule(order_multiple=6), product=market.products[0])
    rule(market, Rule(min_amount=Decimal(100), order_multiple=2))
    assert (resolved(market).order_multiple, resolved(market).min_amount) == (6, 100)


@pytest.mark.parametrize(
    ("says", "code"),
    [
        (Rule(), "empty_rule"),
        (Rule(min_quantity=0), "invalid_min_quantity"),
        (Rule(min_quantity=48, order_multiple=24, max_quantity=47), "nothing_fits"),
        (Rule(min_quantity=50, order_multiple=24, max_quantity=60), "nothing_fits"),
        (Rule(min_amount=Decimal(1)), "amount_of_product"),
    ],
)
def test_a_rule_nobody_could_keep_is_refused(market, says, code):
    with pytest.raises(Invalid) as refused:
        rule(market, says, product=market.products[0])
    assert [one.code for one in refused.value.problems] == [code]


def test_only_the_operator_keeps_terms(market):
    source = made.source_of(market, 0)
    for who in (market.factory_actor, market.dealer_actor()):
        with pytest.raises(Forbidden):
            order_rules.put(market.maker, Rule(min_quantity=2), by=who, at=NOW)
        with pytest.raises(Forbidden):
            supply_source.put(market.maker, market.products[0], Source(), by=who, at=NOW)
        with pytest.raises(Forbidden):
            supply_source.put_prices(source, [], currency="CNY", valid_from=NOW.date(), by=who, at=NOW)


def test_a_source_is_changed_and_priced(market):
    by = market.operator_actor
    source = supply_source.put(
        market.maker, market.products[0], Source(moq=24, lead_time_days=3), by=by, at=NOW
    )

    def table():
        pair = (market.maker.pk, source.product_id)
        return terms.of_supply([pair], currency="CNY", day=NOW.date())[pair]

    assert (table().minimum, table().lead_time_days, table().breaks[0].unit_price) == (24, 3, 10)
    for price in ("7", "6.5"):
        supply_source.put_prices(
            source, [Break(1, Decimal(price))], currency="CNY", valid_from=NOW.date(), by=by, at=NOW
        )
    assert table().breaks == (Break(1, Decimal("6.5")),)
    supply_source.put_prices(source, [], currency="CNY", valid_from=NOW.date(), by=by, at=NOW)
    assert table().breaks[0].unit_price == 10
    assert [one.verb for one in TermsChange.objects.order_by("pk")] == ["change", "price", "price", "price"]
