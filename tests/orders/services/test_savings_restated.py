"""A price that changed at the factory is shared by the rule, and the saving stated anew beside the earlier one."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.orders import OrderChanged, SavingsStated
from b2b.core import clock
from b2b.core.actor import system
from b2b.tower.models import SavingFact
from b2b.tower.services import savings
from orders.models import OrderLine, SavingsStatement
from orders.services import order_cycle, price_answer, purchase_order, savings_restating
from orders.services.purchase_order import Answer
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, close, lines_of, told
from tests.orders.services.wishes import wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def pooled():
    """Two dealers of fifty pool at 8 instead of 10: each saves 100, of which 70 are its own."""
    market = made.trade(dealers=2, breaks=((1, "10"), (100, "8")))
    cycle = made.cycle(market)
    orders = [made.order(market, [50], dealer=index) for index in range(2)]
    return market, orders, close(cycle)


def answer(market, placed, price):
    """The factory asks another price; what is above the tolerance the operator accepts."""
    purchase_order.respond(
        placed, answers=[Answer(1, unit_price=Decimal(price))], by=market.factory_actor, at=LATER
    )
    placed.refresh_from_db()
    if placed.price_answers.filter(status="PROPOSED").exists():
        price_answer.decide(placed, accept=[1], refuse=[], by=system("test"), at=LATER)


def shares(statement):
    return tuple(
        getattr(statement, name) for name in ("baseline", "pooled", "dealer_share", "platform_share", "factory_share")
    )  # fmt: skip


def last(dealer):
    return SavingsStatement.objects.get(dealer=dealer, restated_by=None)


def test_a_price_that_falls_is_passed_on_and_restated(pooled):
    market, orders, placed = pooled
    assert shares(last(market.dealers[0])) == (500, 400, 70, 20, 10)
    answer(market, placed, "7")
    assert [line.unit_price for line in lines_of(*orders)] == [Decimal("7.9"), Decimal("7.9")]
    assert [line.withdrawable_until for line in lines_of(*orders)] == [None, None]
    assert [event.reason for event in told(OrderChanged)[-2:]] == [f"{placed.number} costs less"] * 2
    for dealer in market.dealers:
        found = last(dealer)
        assert shares(found) == (500, 350, 105, 30, 15)
        assert shares(found.restates) == (500, 400, 70, 20, 10)
        assert [line.quantity for line in found.lines.all()] == [50]
        assert found.number != found.restates.number


def test_a_price_that_rises_is_restated_each_time(pooled):
    market, orders, placed = pooled
    answer(market, placed, "9")
    assert [line.unit_price for line in lines_of(*orders)] == [Decimal("9.3"), Decimal("9.3")]
    assert shares(last(market.dealers[0])) == (500, 450, 35, 10, 5)
    answer(market, placed, "8")
    found = last(market.dealers[0])
    assert shares(found) == (500, 400, 70, 20, 10)
    assert found.restates.restates.restates is None
    assert SavingsStatement.objects.filter(dealer=market.dealers[0]).count() == 3


def test_a_statement_that_never_told_of_the_goods_stays(pooled):
    market, _orders, placed = pooled
    other = made.trade().products[0]
    passed_on = {(placed.cycle_id, market.dealers[0].pk, other.pk): Decimal(5)}
    made_anew = savings_restating.restate(
        placed, {}, passed_on, stated_in=savings_restating.stated_in(placed), by=system("test"), at=LATER
    )
    assert made_anew == []
    assert SavingsStatement.objects.count() == 2


def test_the_api_says_which_statement_holds(pooled, api_as):
    market, _orders, placed = pooled
    answer(market, placed, "7")
    shown = api_as(market.dealers[0]).get("/api/v1/savings-statements/").json()["results"]
    latest, earlier = (one["number"] for one in shown)
    assert [(one["restates"], one["restated_by"]) for one in shown] == [(earlier, None), (None, latest)]


def test_what_the_dealer_cannot_bear_the_platform_does(pooled):
    market, orders, placed = pooled
    OrderLine.objects.filter(order=orders[0]).update(max_unit_price=Decimal("8.8"))
    answer(market, placed, "10")
    assert [line.unit_price for line in lines_of(*orders)] == [Decimal("8.8"), Decimal(10)]
    first, second = (last(dealer) for dealer in market.dealers)
    assert shares(first) == (500, 500, 60, -60, 0)
    assert shares(second) == (500, 500, 0, 0, 0)


def test_the_figures_count_the_last_statement_whichever_is_told_first(pooled):
    market, _orders, placed = pooled
    answer(market, placed, "7")
    events = [event for event in told(SavingsStated) if event.dealer_id == market.dealers[0].pk]
    assert [event.restates_id for event in events] == [None, events[0].statement_id]
    for order in (events, events[::-1], [*events, *events]):
        SavingFact.objects.all().delete()
        for event in order:
            savings.note_statement(event)
        assert sum(fact.dealer_share for fact in SavingFact.objects.all()) == 105


def test_a_price_that_stays_restates_nothing(pooled):
    market, _orders, placed = pooled
    answer(market, placed, "8")
    assert SavingsStatement.objects.count() == 2


def test_the_statements_do_not_depend_on_the_lines():
    def statements(count):
        market = made.trade(products=count, dealers=2, breaks=((1, "10"), (100, "8")))
        cycle = made.cycle(market)
        for index in range(2):
            made.order(market, [50] * count, dealer=index)
        placed = close(cycle)
        answers = [Answer(number, unit_price=Decimal(7)) for number in range(1, count + 1)]
        with CaptureQueriesContext(connection) as asked:
            purchase_order.respond(placed, answers=answers, by=market.factory_actor, at=LATER)
        return len(asked)

    assert statements(2) == statements(30)


def test_goods_of_two_purchase_lines_move_a_price_twice_and_the_cycle_that_stated_them_states_them_anew():
    """Each week of the first cycle leaves seven units to the next, which takes them all for one line."""
    market = made.trade(dealers=2, breaks=((1, "10"),), multiple=10)
    first = made.cycle(market, policy={"surplus": "NEXT_CYCLE"}, window_days=7)
    for dealer in range(2):
        need = (NOW.date() + timedelta(days=60 + 7 * dealer)).isoformat()
        wish(market, 13, dealer=dealer, need_by_date=need)
    placed = close(first)
    later = NOW + timedelta(days=2)
    following = made.cycle(market, at=later)
    with clock.travel(later):
        order = wish(market, 14, at=later)
    with clock.travel(later + timedelta(days=2)):
        assert order_cycle.close(following, by=system("test"), at=later + timedelta(days=2)) == []
    answers = [Answer(number, unit_price=Decimal(8)) for number in (1, 2)]
    purchase_order.respond(placed, answers=answers, by=market.factory_actor, at=LATER)
    assert lines_of(order)[0].unit_price == Decimal("8.6")
    stated = {
        (one.cycle_id, one.dealer_id): (one.restates_id is not None, *shares(one))
        for one in SavingsStatement.objects.filter(restated_by=None)
    }
    own = (True, 130, 104, Decimal("18.2"), Decimal("5.2"), Decimal("2.6"))
    assert stated == {
        (first.pk, market.dealers[0].pk): own,
        (first.pk, market.dealers[1].pk): own,
        (following.pk, market.dealers[0].pk): (
            True,
            140,
            112,
            Decimal("19.6"),
            Decimal("5.6"),
            Decimal("2.8"),
        ),
    }
