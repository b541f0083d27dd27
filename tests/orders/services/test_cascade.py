"""What follows a short answer happens with it, or not at all."""

from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

import pytest
from django.db import connection, transaction

from b2b.contracts.orders import OrderCancelled, OrderChanged, SupplyAllocated
from b2b.contracts.shortages import ShortageShared
from b2b.core import clock
from b2b.core.actor import system
from b2b.core.errors import Forbidden
from orders.models import OrderCycle, OrderLine, SupplySource
from orders.services import price_answer, purchase_order, withdrawal
from orders.services.purchase_order import Answer
from orders.services.withdrawal import WithdrawalOver
from tests.factories import directory
from tests.factories import orders as made
from tests.orders.services.steps import LATER, close, lines_of, short_cycle, told

pytestmark = pytest.mark.django_db
BREAKS = ((1, "10"), (100, "8"))


def second_factory(market, price="10", **values):
    """Let another factory make the product, at lower priority."""
    other = directory.factory_organization()
    made.agreement(other, market.products[0], ((1, price),))
    made.source(other, market.products[0], priority=2, **values)
    return other


def pooled(wanted=(25, 35, 40), **values):
    market = made.trade(dealers=len(wanted), breaks=((1, "10"),), **values)
    cycle = made.cycle(market)
    orders = [made.order(market, [one], dealer=index) for index, one in enumerate(wanted)]
    return market, orders, cycle


def answer(market, placed, confirmed, **values):
    with clock.travel(LATER):
        purchase_order.respond(
            placed, answers=[Answer(1, confirmed, **values)], by=market.factory_actor, at=LATER
        )


def test_the_rest_joins_the_open_pool_of_the_next_source():
    market, orders, cycle = pooled()
    other = second_factory(market)
    waiting = made.cycle(made.trade(maker=other), hours=96)
    answer(market, close(cycle), 50)
    lines = lines_of(*orders)
    assert {(line.factory_id, line.cycle_id) for line in lines} == {(other.pk, waiting.pk)}
    [first, *_] = told(ShortageShared)
    assert (first.lines[0].wanted_quantity, first.lines[0].allotted_quantity) == (25, 13)
    assert (first.lines[0].waiting_quantity, first.lines[0].cycle_id) == (12, waiting.pk)
    with clock.travel(LATER + timedelta(days=4)):
        from orders.services import order_cycle

        [bought] = order_cycle.close(waiting, by=system("test"), at=LATER + timedelta(days=4))
    assert bought.factory_id == other.pk
    assert bought.lines.get().quantity == 50
    assert all(line.pooled == line.quantity for line in lines_of(*orders))


def test_without_an_open_pool_one_opens_for_the_declared_time():
    market, orders, cycle = pooled()
    other = second_factory(market)
    answer(market, close(cycle), 50)
    opened = OrderCycle.objects.get(factory=other)
    assert (opened.status, opened.cutoff_at) == ("OPEN", LATER + timedelta(hours=24))
    assert opened.policy == cycle.policy
    assert {line.cycle_id for line in lines_of(*orders)} == {opened.pk}


@pytest.mark.parametrize(("price", "policy"), [("11", {}), ("10", {"shortage": {"second_source_hours": 0}})])
def test_a_dearer_source_or_a_rule_against_it_leaves_the_rest_waiting(price, policy):
    market = made.trade(dealers=1, breaks=((1, "10"),))
    second_factory(market, price)
    cycle = made.cycle(market, policy=policy)
    [line] = lines_of(made.order(market, [10]))
    answer(market, close(cycle), 4)
    line.refresh_from_db()
    assert (line.factory_id, line.unpooled) == (market.maker.pk, 6)
    [short] = told(ShortageShared)
    assert [(one.waiting_quantity, one.cycle_id) for one in short.lines] == [(6, None)]


def test_a_lost_price_is_passed_on_by_the_rule_and_the_hold_follows():
    market = made.trade(dealers=2, breaks=BREAKS)
    SupplySource.objects.update(price_tolerance_basis_points=0)
    cycle = made.cycle(market)
    orders = [made.order(market, [50], dealer=index) for index in range(2)]
    placed = close(cycle)
    assert [line.unit_price for line in lines_of(*orders)] == [Decimal("8.6")] * 2
    answer(market, placed, 60, unit_price=Decimal(10))
    assert [line.unit_price for line in lines_of(*orders)] == [Decimal("8.6")] * 2
    price_answer.decide(placed, accept=[1], by=system("test"), at=LATER)
    assert [line.unit_price for line in lines_of(*orders)] == [Decimal(10)] * 2
    assert [line.net_amount for line in lines_of(*orders)] == [500, 500]
    changed = told(OrderChanged)[-2:]
    assert {event.lines[0].unit_price for event in changed} == {Decimal(10)}
    assert all(line.withdrawable_until for line in lines_of(*orders))


def test_a_dealer_withdraws_and_the_others_get_what_it_frees(credit_book):
    market, orders, _placed = short_cycle(50)
    with clock.travel(LATER):
        withdrawal.withdraw(orders[2], lines=[1], by=market.dealer_actor(2), at=LATER)
    lines = lines_of(*orders)
    assert [(line.cancelled, line.pooled, line.allocated) for line in lines] == [
        (0, 21, 21),
        (0, 29, 29),
        (40, 0, 0),
    ]
    orders[2].refresh_from_db()
    assert (orders[2].status, orders[2].total_gross) == ("CANCELLED", 0)
    assert orders[2].pk in credit_book.released
    assert told(OrderCancelled)[-1].order_id == orders[2].pk
    assert [part.quantity for part in told(SupplyAllocated)[-1].allocations] == [21, 29, 0]


def test_a_line_of_several_is_withdrawn_alone(credit_book):
    market = made.trade(products=2, dealers=2, breaks=((1, "10"),))
    cycle = made.cycle(market)
    placed_orders = [made.order(market, [10, 10], dealer=index) for index in range(2)]
    placed = close(cycle)
    answer(market, placed, 10)
    with clock.travel(LATER):
        kept = withdrawal.withdraw(placed_orders[0], lines=[1], by=market.dealer_actor(), at=LATER)
    assert (kept.status, kept.total_net) == ("CONFIRMED", 100)
    assert credit_book.held[kept.pk].amount == kept.total_gross
    assert [(line.cancelled, line.pooled) for line in lines_of(*placed_orders)] == [
        (10, 0),
        (0, 10),
        (0, 10),
        (0, 10),
    ]


def test_only_the_dealer_itself_withdraws_and_only_in_time():
    market, orders, _placed = short_cycle(50)
    with pytest.raises(Forbidden):
        withdrawal.withdraw(orders[0], lines=[1], by=market.dealer_actor(1), at=LATER)
    OrderLine.objects.filter(order=orders[0]).update(withdrawable_until=LATER - timedelta(days=999))
    with pytest.raises(WithdrawalOver) as refused:
        withdrawal.withdraw(orders[0], lines=[1], by=market.dealer_actor(), at=LATER)
    assert refused.value.context == {"lines": [1]}


def _state():
    """Return a digest of every table of orders and of the outbox."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
            " AND relname ~ '^(orders|outbox|db_statuschange)'"
        )
        tables = sorted(name for (name,) in cursor.fetchall())
        digests = {}
        for table in tables:
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM {table} t"
            )
            digests[table] = cursor.fetchone()[0]
    return digests


@pytest.mark.parametrize(
    "step",
    [
        "price_answer.purchase_order_restating.restate",
        "price_rise._tell",
        "allocation_record._results",
        "fairness.write",
        "allocation.publish_from",
        "second_source.cycle_plan.open",
        "second_source.execute",
        "shortage.publish_from",
        "purchase_order_response.purchase_order_closing.close_when_complete",
    ],
)
def test_whatever_fails_in_the_middle_leaves_nothing(step):
    market = made.trade(dealers=2, breaks=BREAKS)
    SupplySource.objects.update(price_tolerance_basis_points=10_000)
    second_factory(market, "8")
    cycle = made.cycle(market)
    for index in range(2):
        made.order(market, [50], dealer=index)
    placed = close(cycle)
    before = _state()
    with (
        patch(f"orders.services.{step}", side_effect=RuntimeError("pulled the plug")),
        pytest.raises(RuntimeError, match="plug"),
        transaction.atomic(),
    ):
        answer(market, placed, 61, unit_price=Decimal(9))
    assert _state() == before
    placed.refresh_from_db()
    answer(market, placed, 61, unit_price=Decimal(9))
    assert told(ShortageShared)
    assert told(SupplyAllocated)
