"""A pool that needs more than is left of a blanket order with the factory: two purchase lines, one price for all."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

import pytest

from b2b.contracts.agreements import BlanketOrderReleased
from b2b.contracts.orders import PurchaseOrderPlaced
from b2b.db import invariants
from orders.models import Peg, PriceAnswer, SavingsStatement
from orders.selectors import blanket as selectors
from orders.selectors import explanation
from orders.selectors.handling import DEFAULT_DAYS
from orders.services import price_answer, purchase_order
from orders.services.purchase_order import Answer
from tests.factories import agreements as agreed
from tests.factories import orders as made
from tests.orders.services.steps import LATER, close, lines_of, told
from tests.orders.services.wishes import line, wish

pytestmark = pytest.mark.django_db
ALL_TO_DEALERS = {"sharing": {"dealer": 10_000, "platform": 0, "factory": 0}}


def bought(*wanted, left=100, price="7", policy=ALL_TO_DEALERS, breaks=((1, "10"), (50, "9")), **values):
    """A cycle of a dealer for each quantity, at a factory that owes `left` at `price`; closed."""
    market = made.trade(dealers=len(wanted), breaks=breaks, **values)
    blanket = agreed.blanket(market, [left], dealer=None, price=price)
    cycle = made.cycle(market, policy=policy)
    orders = [wish(market, units, dealer=index) for index, units in enumerate(wanted)]
    return market, blanket, orders, close(cycle)


def parts(placed):
    return list(placed.lines.order_by("line_number").values_list("part_number", "quantity", "unit_price"))


def mix():
    """What each order line has of each purchase line; None is the surplus."""
    found = defaultdict(list)
    for owner, units in Peg.objects.order_by("purchase_order_line__line_number").values_list(
        "order_line", "pegged"
    ):
        found[owner].append(units)
    return dict(found)


def left_of(blanket):
    return [one.standing.left for one in selectors.statement([blanket.pk])[blanket.pk]]


def test_the_rest_of_the_agreement_and_what_is_above_it_are_lines_of_their_own():
    _, blanket, orders, placed = bought(30, 60, 60)
    assert parts(placed) == [(1, 100, 7), (2, 50, 9)]
    assert placed.total_net == 1150
    assert [
        (one.line_number, one.quantity, one.unit_price) for one in told(PurchaseOrderPlaced)[0].lines
    ] == [(1, 100, 7), (2, 50, 9)]
    # Everybody has the same mix of both prices.
    assert [mix()[line(one).pk] for one in orders] == [[20, 10], [40, 20], [40, 20]]
    assert (left_of(blanket), told(BlanketOrderReleased)[0].lines[0].quantity) == ([0], 100)
    assert [one.pooled for one in lines_of(*orders)] == [30, 60, 60]
    assert not invariants.check()


def test_everybody_pays_the_mean_and_the_statements_say_so():
    """1,150 for 150 units are 7.666667 each: 230 for 30, 460 for 60; savings are what remains of solo prices."""
    _, _, orders, _ = bought(30, 60, 60)
    assert [one.unit_price for one in lines_of(*orders)] == [Decimal("7.666667")] * 3
    assert [one.net_amount for one in lines_of(*orders)] == [230, 460, 460]
    stated = list(
        SavingsStatement.objects.order_by("dealer_id").values_list("baseline", "pooled", "dealer_share")
    )
    assert stated == [(300, 230, 70), (540, 460, 80), (540, 460, 80)]
    assert not invariants.check()


def test_the_parts_of_a_statement_sum_up_to_the_cent_whatever_the_mean():
    _, _, orders, placed = bought(7, 11, 13, left=10, price="6.667", breaks=((1, "9.999"),), policy=None)
    stated = SavingsStatement.objects.all()
    for one in stated:
        assert one.baseline == one.pooled + one.dealer_share + one.platform_share + one.factory_share
    assert abs(sum(one.pooled for one in stated) - placed.total_net) <= Decimal("0.02")
    assert not invariants.check()
    assert sum(units for owned in mix().values() for units in owned) == 31
    assert len(orders) == 3


def test_less_than_is_left_is_bought_at_the_agreed_price_alone():
    _, blanket, orders, placed = bought(30, 60)
    assert parts(placed) == [(1, 90, 7)]
    assert (left_of(blanket), line(orders[0]).unit_price) == ([10], 7)


def test_a_break_that_beats_the_agreement_buys_all_of_it():
    _, blanket, _, placed = bought(100, 60, breaks=((1, "10"), (150, "5")))
    assert parts(placed) == [(1, 160, 5)]
    assert (left_of(blanket), told(BlanketOrderReleased)) == ([100], [])


def test_the_surplus_has_its_part_of_both_and_minimum_and_multiple_hold_on_the_sum():
    _, _, orders, placed = bought(30, 60, 37, multiple=48, moq=96)
    assert parts(placed) == [(1, 94, 7), (2, 50, 9)]
    lines = list(placed.lines.order_by("line_number"))
    assert sum(one.surplus_quantity for one in lines) == 144 - 127
    assert mix()[None] == [one.surplus_quantity for one in lines]
    assert [sum(mix()[line(one).pk]) for one in orders] == [30, 60, 37]
    assert not invariants.check()


def test_windows_of_one_product_do_not_take_the_same_agreement_twice():
    market = made.trade(dealers=2, breaks=((1, "10"),))
    blanket = agreed.blanket(market, [100], dealer=None, price="7")
    cycle = made.cycle(market)
    late = LATER.date() + timedelta(days=7 + DEFAULT_DAYS + 30)
    wish(market, 70, need_by_date=LATER.date().isoformat())
    wish(market, 80, dealer=1, need_by_date=late.isoformat())
    placed = close(cycle)
    assert [
        (one.window_number > 0, one.part_number, one.quantity, one.unit_price)
        for one in placed.lines.order_by("line_number")
    ] == [(False, 1, 70, 7), (True, 1, 30, 7), (True, 2, 50, 10)]
    [fact] = told(BlanketOrderReleased)
    assert [(one.quantity, one.left_quantity) for one in fact.lines] == [(100, 0)]
    assert left_of(blanket) == [0]
    assert not invariants.check()


def test_a_ceiling_holds_against_the_mean():
    """The mean of 150 is 7.67: within 7.70, above 7.60, whatever each part costs."""
    market = made.trade(dealers=3, breaks=((1, "10"), (50, "9")))
    agreed.blanket(market, [100], dealer=None, price="7")
    cycle = made.cycle(market)
    orders = [
        wish(market, 90),
        wish(market, 60, dealer=1, max_unit_price="7.70"),
        wish(market, 60, dealer=2, max_unit_price="7.60"),
    ]
    placed = close(cycle)
    assert parts(placed) == [(1, 100, 7), (2, 50, 9)]
    assert [(line(one).pooled, line(one).waiting_reason) for one in orders] == [
        (90, ""),
        (60, ""),
        (0, "PRICE"),
    ]
    assert line(orders[1]).unit_price <= Decimal("7.70")


def test_a_short_answer_to_one_of_both_is_shared_and_explained():
    market, _, orders, placed = bought(30, 60, 60)
    purchase_order.respond(placed, answers=[Answer(1, 100), Answer(2, 25)], by=market.factory_actor, at=LATER)
    assert [one.allocated for one in lines_of(*orders)] == [25, 50, 50]
    assert [one.unpooled for one in lines_of(*orders)] == [5, 10, 10]
    [found] = explanation.of_order(market.dealer_actor(), orders[0])
    assert (found.pooled, found.allocated, found.waiting) == (25, 25, 5)
    assert sorted((one.requested, one.allotted) for one in found.sharings) == [(10, 5), (20, 20)]
    send_all(market, placed)
    assert not invariants.check()


def send_all(market, placed):
    from orders.services import despatch_advice
    from orders.services.despatch_advice import Despatched

    despatch_advice.receive(
        placed,
        lines=[Despatched(1, 100), Despatched(2, 25)],
        expected_at=LATER,
        by=market.factory_actor,
        at=LATER,
    )


def test_a_dearer_part_moves_everybodys_price_alike():
    market, _, orders, placed = bought(30, 60, 60)
    answers = [Answer(1, 100), Answer(2, 50, unit_price=Decimal("9.30"))]
    purchase_order.respond(placed, answers=answers, by=market.factory_actor, at=LATER)
    assert PriceAnswer.objects.get().status == "PROPOSED"
    price_answer.decide(placed, accept=[2], by=market.operator_actor, at=LATER)
    prices = [one.unit_price for one in lines_of(*orders)]
    # 15 more on 150 units: ten cents each, whoever's solo price is above the mean.
    assert prices == [Decimal("7.766667")] * 3
    assert [one.pooled for one in SavingsStatement.objects.filter(restated_by=None).order_by("dealer_id")] == [
        233, 466, 466
    ]  # fmt: skip
    assert not invariants.check()
