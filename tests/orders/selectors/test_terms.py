"""One resolver: whose agreement, which break, which rule; in SQL and in Python."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from b2b.core.actor import acting_as, system
from b2b.db.bulk import fetch_dicts, staged
from orders.selectors import terms
from tests.factories import orders as made
from tests.factories import terms as agreed
from tests.factories.orders import NOW
from tests.orders.services.steps import close

pytestmark = pytest.mark.django_db
DAY = NOW.date()
COLUMNS = {"buyer_id": "bigint", "product_id": "bigint", "quantity": "bigint"}


@pytest.fixture(autouse=True)
def as_platform():
    with acting_as(system("test")):
        yield


def price(market, quantity=1, dealer=0, **changes):
    found = terms.of_products(
        [market.products[0].pk],
        **{"buyer_id": market.dealers[dealer].pk, "currency": "CNY", "day": DAY, **changes},
    )
    table = found[market.products[0].pk].breaks if found else ()
    return max((step for step in table if step.min_quantity <= quantity), default=None)


def test_buyer_before_group_before_everyone():
    market = made.trade(dealers=3)
    group = agreed.buyer_group(*market.dealers[:2])
    made.agreement(market.maker, market.products[0], ((1, "9"),), buyer_group=group)
    made.agreement(market.maker, market.products[0], ((1, "9.5"),), buyer=market.dealers[0])

    assert [price(market, dealer=n).unit_price for n in range(3)] == [Decimal("9.5"), 9, 10]
    assert price(market, buyer_id=None).unit_price == 10


def test_the_lower_priority_number_wins_among_equally_near():
    market = made.trade(dealers=1)
    one, two = (agreed.buyer_group(market.dealers[0], code=code) for code in ("ONE", "TWO"))
    made.agreement(market.maker, market.products[0], ((1, "7"),), buyer_group=one, priority=2)
    made.agreement(market.maker, market.products[0], ((1, "8"),), buyer_group=two, priority=1)

    assert price(market).unit_price == 8


def test_a_membership_counts_from_its_first_to_its_last_day():
    market = made.trade(dealers=1)
    group = agreed.buyer_group(market.dealers[0], since=DAY, until=DAY + timedelta(days=2))
    made.agreement(market.maker, market.products[0], ((1, "9"),), buyer_group=group)

    days = [DAY + timedelta(days=n) for n in range(-1, 4)]
    assert [price(market, day=day).unit_price for day in days] == [10, 9, 9, 9, 10]


def test_the_first_source_with_an_agreement_sells():
    market = made.trade(dealers=1)
    second = made.trade(dealers=0).maker
    made.source(second, market.products[0], priority=0, lead_time_days=3)
    assert price(market).unit_price == 10
    made.agreement(second, market.products[0], ((1, "11"),))
    assert price(market).unit_price == 11


def test_each_field_of_a_rule_is_found_on_its_own():
    market = made.trade(dealers=3, products=2)
    own, other = market.products
    group = agreed.buyer_group(*market.dealers[:2])
    made.rule(market.maker, own, min_quantity=48, order_multiple=24)
    made.rule(market.maker, None, max_quantity=960, min_amount=Decimal(500))
    made.rule(market.maker, own, buyer_group=group, order_multiple=12)
    made.rule(market.maker, None, buyer=market.dealers[0], min_quantity=6, min_amount=Decimal(100))

    def ruled(dealer, product):
        one = terms.of_products([product.pk], buyer_id=market.dealers[dealer].pk, currency="CNY", day=DAY)[
            product.pk
        ]
        return one.min_quantity, one.order_multiple, one.max_quantity, one.min_amount

    assert [ruled(n, own) for n in range(3)] == [(6, 12, 960, 100), (48, 12, 960, 500), (48, 24, 960, 500)]
    assert [ruled(n, other) for n in range(3)] == [(6, 1, 960, 100), (1, 1, 960, 500), (1, 1, 960, 500)]


def test_an_order_minimum_holds_in_its_currency():
    market = made.trade(dealers=1)
    made.rule(market.maker, None, min_amount=Decimal(500), currency="EUR")
    found = terms.of_products([market.products[0].pk], buyer_id=None, currency="CNY", day=DAY)
    assert found[market.products[0].pk].min_amount is None


def test_a_staged_table_is_priced_in_sql():
    market = made.trade(dealers=2, breaks=((10, "10"), (100, "8"), (500, "9"), (1000, "7")))
    product, dealer = market.products[0].pk, market.dealers[0].pk
    made.agreement(market.maker, market.products[0], ((1, "5"),), buyer=market.dealers[1])
    rows = [(dealer, product, quantity) for quantity in (9, 10, 100, 500, 1000, 1000)]
    with staged(
        COLUMNS, [*rows, (0, product, 10), (market.dealers[1].pk, product, 9), (dealer, 0, 1)]
    ) as table:
        found = fetch_dicts(terms.PRICED.format(rows=table), {"currency": "CNY", "day": DAY, "factory": None})
    priced = {
        (row["buyer_id"], row["quantity"]): (row["unit_price"], row["next_quantity"], row["next_price"])
        for row in found
    }
    assert priced == {
        (dealer, 9): (None, 10, 10),
        (dealer, 10): (10, 100, 8),
        (dealer, 100): (8, 1000, 7),
        (dealer, 500): (9, 1000, 7),
        (dealer, 1000): (7, None, None),
        (0, 10): (10, 100, 8),
        (market.dealers[1].pk, 9): (5, None, None),
    }


def test_the_platform_buys_at_its_own_price_and_dealers_pay_theirs():
    market = made.trade(dealers=1, products=2, breaks=((1, "10"),))
    own = made.source_of(market, 0)
    agreed.purchase_prices(own, ((1, "8"), (50, "6")), since=date(2026, 1, 1))
    agreed.purchase_prices(own, ((1, "1"),), since=DAY + timedelta(days=3))
    cycle = made.cycle(market)
    order = made.order(market, [60, 60])

    assert order.total_net == 1200
    lines = close(cycle).lines.order_by("product_id")
    assert [line.unit_price for line in lines] == [6, 10]


def test_a_purchase_price_is_no_dealers_to_see():
    market = made.trade(dealers=1)
    agreed.purchase_prices(made.source_of(market, 0), ((1, "8"),))
    seen = "SELECT unit_price FROM orders_sourcebreak"
    with acting_as(market.dealer_actor()):
        assert fetch_dicts(seen) == []
    with acting_as(made.trade().factory_actor):
        assert fetch_dicts(seen) == []
    with acting_as(market.factory_actor):
        assert len(fetch_dicts(seen)) == 1


def test_a_groups_agreement_is_its_members_to_see():
    market = made.trade(dealers=2)
    group = agreed.buyer_group(market.dealers[0])
    made.agreement(market.maker, market.products[0], ((1, "9"),), buyer_group=group)
    seen = "SELECT unit_price FROM orders_pricebreak ORDER BY 1"
    with acting_as(market.dealer_actor(0)):
        assert price(market).unit_price == 9
        assert [row["unit_price"] for row in fetch_dicts(seen)] == [8, 9, 10]
    with acting_as(market.dealer_actor(1)):
        assert [row["unit_price"] for row in fetch_dicts(seen)] == [8, 10]
