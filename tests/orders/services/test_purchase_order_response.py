"""A factory answers in parts, anew, late, at other prices and with other goods."""

from datetime import timedelta
from decimal import Decimal

import pytest

from b2b.contracts.order_changes import (
    PurchaseOrderChanged,
    PurchaseOrderResponseOverdue,
    PurchasePricesDecided,
    SubstitutionOffered,
)
from b2b.core import clock
from b2b.core.actor import system
from b2b.core.errors import Forbidden
from b2b.core.machine import IllegalTransition
from orders.models import OrderLine, Peg, PriceAnswer, PurchaseOrderLine, Substitution, SupplySource
from orders.services import price_answer, purchase_order, response_deadline, substitution
from orders.services.purchase_order_response import Answer, Delivery, StaleResponse, Substitute
from tests.factories import catalog
from tests.factories import orders as made
from tests.orders.services.steps import LATER, close, told

pytestmark = pytest.mark.django_db
DAY = LATER.date()


def placed_order(products=1, wanted=(25, 35, 40), **terms):
    market = made.trade(products=products, dealers=3, breaks=((1, "10"),))
    SupplySource.objects.update(**terms)
    cycle = made.cycle(market)
    orders = [made.order(market, [one] * products, dealer=index) for index, one in enumerate(wanted)]
    return market, orders, close(cycle)


def respond(market, placed, *answers, **values):
    made_response = purchase_order.respond(
        placed, answers=answers, by=market.factory_actor, at=LATER, **values
    )
    placed.refresh_from_db()
    return made_response


def lines(placed):
    return list(placed.lines.order_by("line_number"))


def test_a_line_is_divided_into_deliveries_and_put_together_again():
    market, _, placed = placed_order()
    later = DAY + timedelta(days=9)
    respond(market, placed, Answer(1, schedules=(Delivery(60, DAY), Delivery(40, later))))
    [line] = lines(placed)
    assert (line.confirmed, line.promised_date, line.response_code) == (100, later, "PARTIAL")
    parts = line.schedule_lines.order_by("schedule_number")
    assert [(part.quantity, part.confirmed_quantity, part.promised_date) for part in parts] == [
        (60, 60, DAY),
        (40, 40, later),
    ]
    respond(market, placed, Answer(1, 100, DAY))
    [part] = line.schedule_lines.all()
    assert (part.quantity, part.confirmed_quantity, part.response_version) == (100, 100, 2)
    kept = [one.lines.count() for one in placed.responses.order_by("response_version")]
    assert kept == [2, 1]


def test_lines_not_answered_stay_open_and_pooled():
    market, orders, placed = placed_order(products=2)
    respond(market, placed, Answer(1, 50))
    first, second = lines(placed)
    assert (first.response_version, second.response_version, placed.answered_at) == (1, 0, None)
    assert (first.confirmed, second.confirmed) == (50, 0)
    own = orders[0].lines.order_by("line_number")
    assert [(line.pooled, line.allocated) for line in own] == [(13, 13), (25, 0)]
    respond(market, placed, Answer(2, 0))
    assert placed.answered_at is not None
    assert [(line.pooled, line.allocated) for line in own.all()] == [(13, 13), (0, 0)]
    assert [one.code for one in placed.responses.order_by("response_version")] == ["CA", "RE"]


def test_a_rejection_of_one_line_leaves_the_order_waiting_for_the_rest():
    market, _, placed = placed_order(products=2)
    respond(market, placed, Answer(1, 0))
    assert placed.status == "SENT"
    respond(market, placed, rest="REJECT")
    assert (placed.status, placed.cycle.status) == ("REJECTED", "CLOSED")


def test_an_answer_to_an_answer_that_was_replaced_is_stale():
    market, _, placed = placed_order()
    respond(market, placed, Answer(1, 100), response_version=1)
    with pytest.raises(StaleResponse):
        respond(market, placed, Answer(1, 20), response_version=1)
    respond(market, placed, Answer(1, 20), response_version=2)
    assert lines(placed)[0].confirmed == 20


@pytest.mark.parametrize(("silence", "confirmed"), [("ACCEPT", 100), ("REJECT", 0), ("LEAVE", 0)])
def test_silence_is_reminded_of_twice_and_then_taken_as_declared(silence, confirmed):
    _market, _, placed = placed_order(products=2, silence=silence)
    platform = system("test")
    assert placed.respond_by_at == LATER + timedelta(hours=24)
    for hours, reminders in ((23, 0), (24, 1), (30, 0), (36, 1), (99, 0)):
        now = LATER + timedelta(hours=hours)
        with clock.travel(now):
            assert len(response_deadline.remind_overdue(by=platform, at=now)) == reminders
    overdue = told(PurchaseOrderResponseOverdue)
    assert [(event.reminder, event.open_lines) for event in overdue] == [(1, (1, 2)), (2, (1, 2))]
    placed.refresh_from_db()
    assert [line.confirmed for line in lines(placed)] == [confirmed] * 2
    assert (placed.answered_at is None) == (silence == "LEAVE")


def test_an_answer_in_time_is_not_reminded_of():
    market, _, placed = placed_order(products=2)
    respond(market, placed, Answer(1), Answer(2))
    with clock.travel(LATER + timedelta(days=9)):
        assert not response_deadline.remind_overdue(by=system("test"), at=LATER)
    with pytest.raises(Forbidden):
        response_deadline.remind_overdue(by=market.factory_actor, at=LATER)


def test_a_price_within_the_tolerance_is_taken_and_a_higher_one_is_the_operators():
    market, _, placed = placed_order(products=3, price_tolerance_basis_points=200)
    prices = ("10.20", "9", "12")
    respond(market, placed, *(Answer(n, unit_price=Decimal(price)) for n, price in enumerate(prices, 1)))
    assert [line.unit_price for line in lines(placed)] == [Decimal("10.2"), 9, 10]
    states = PriceAnswer.objects.order_by("purchase_order_line__line_number")
    assert [one.status for one in states] == ["WITHIN_TOLERANCE", "WITHIN_TOLERANCE", "PROPOSED"]
    assert placed.total_net == 1020 + 900 + 1000
    with pytest.raises(Forbidden):
        price_answer.decide(placed, accept=[3], by=market.factory_actor, at=LATER)
    price_answer.decide(placed, accept=[3], by=market.operator_actor, at=LATER)
    placed.refresh_from_db()
    assert placed.total_net == 1020 + 900 + 1200
    assert [line.unit_price for line in told(PurchaseOrderChanged)[-1].lines][2] == 12
    with pytest.raises(price_answer.NotFound):
        price_answer.decide(placed, refuse=[3], by=market.operator_actor, at=LATER)


def test_a_refused_price_stays_agreed_and_a_new_answer_voids_a_proposal():
    market, _, placed = placed_order(products=2)
    respond(market, placed, Answer(1, unit_price=Decimal(12)), Answer(2, unit_price=Decimal(12)))
    price_answer.decide(placed, refuse=[1], by=market.operator_actor, at=LATER)
    assert [line.unit_price for line in lines(placed)] == [10, 10]
    assert [line.is_accepted for line in told(PurchasePricesDecided)[0].lines] == [False]
    respond(market, placed, Answer(2))
    assert [one.status for one in PriceAnswer.objects.all()] == ["REFUSED"]


def substituted(quantity, units=1, replaced=1):
    market, orders, placed = placed_order()
    other = catalog.product()
    offered = Substitute(other.sku, quantity, Decimal(5), units=units, replaced_units=replaced)
    respond(market, placed, Answer(1, 40, substitute=offered))
    return market, orders, placed, other


def test_a_substitute_is_offered_by_share_and_nothing_is_substituted_silently():
    _, orders, placed, other = substituted(30)
    short = [line.unpooled for line in OrderLine.objects.order_by("pk")]
    assert sum(short) == 60
    offers = list(Substitution.objects.order_by("pk"))
    assert [one.quantity for one in offers] == [8, 10, 12]
    assert all(one.unit_price == 5 and one.product == other for one in offers)
    assert not OrderLine.objects.filter(product=other).exists()
    assert (placed.status, len(told(SubstitutionOffered))) == ("CONFIRMED", 3)
    assert orders[0].lines.count() == 1


def test_dealers_take_or_leave_a_substitute(credit_book):
    market, orders, _placed, other = substituted(120, units=2)
    first, second, third = Substitution.objects.order_by("pk")
    substitution.accept(first, by=market.dealer_actor(0), at=LATER)
    substitution.accept(second, by=market.dealer_actor(1), at=LATER)
    substitution.decline(third, by=market.dealer_actor(2), at=LATER)
    with pytest.raises(Forbidden):
        substitution.decline(third, by=market.dealer_actor(0), at=LATER)
    lost, gained = orders[0].lines.order_by("line_number")
    assert (lost.cancelled, lost.allocated, gained.quantity) == (15, 10, 30)
    assert (gained.product, gained.allocated, gained.unit_price) == (other, 30, 5)
    bought = PurchaseOrderLine.objects.get(product=other)
    assert (bought.quantity, bought.confirmed) == (30 + 42, 72)
    assert Peg.objects.filter(purchase_order_line=bought).count() == 2
    orders[0].refresh_from_db()
    assert orders[0].total_net == 10 * 10 + 30 * 5
    assert credit_book.held[orders[0].pk].amount == orders[0].total_gross
    assert OrderLine.objects.get(order=orders[2]).unpooled == 24
    with pytest.raises(IllegalTransition):
        substitution.accept(first, by=market.dealer_actor(0), at=LATER)


def test_an_offer_lapses_when_the_factory_answers_anew_or_nobody_decides():
    market, _, placed, _other = substituted(60)
    respond(market, placed, Answer(1, 90))
    assert {one.status for one in Substitution.objects.all()} == {"LAPSED"}
    _market, _, again, _other = substituted(60)
    late = LATER + timedelta(hours=48)
    assert substitution.lapse_overdue(by=system("test"), at=late) == 3
    again.refresh_from_db()
    assert again.status == "CONFIRMED"


def test_statements_do_not_grow_with_lines(django_assert_max_num_queries):
    market, _, placed = placed_order(products=40)
    # A price that fell is passed on to the dealers, whose savings are stated anew.
    with django_assert_max_num_queries(70):
        respond(
            market, placed, *(Answer(n, 50, unit_price=Decimal(9)) for n in range(1, 41)), response_version=1
        )
