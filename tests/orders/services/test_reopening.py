"""A cancelled order is taken up again as if it were placed now, unless somebody acted on it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.orders import OrderConfirmed
from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.errors import Forbidden
from b2b.core.machine import IllegalTransition
from b2b.db.models import StatusChange
from orders.models import ApprovalStep, Order, OrderLine, PriceAgreement, PriceBreak, QuantityEvent
from orders.policies.order_change import LineEdit
from orders.services import approval_decision, order_reopening, purchase_order_change
from orders.services import order as orders
from orders.services.bulk_order import InvalidRows
from orders.services.order import CreditRefused
from orders.services.order_reopening import CannotReopen
from tests.factories import agreements as agreed
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, close, edit, lines_of, told
from tests.orders.services.wishes import wish

pytestmark = pytest.mark.django_db
BY = system("test")


@pytest.fixture
def market():
    return made.trade(products=2, dealers=2, breaks=((1, "10"), (100, "8")))


def cancel(market, order, at=NOW):
    return orders.cancel(order, reason="by mistake", by=market.dealer_actor(), at=at)


def reopen(market, order, *, at=NOW, who=None, **values):
    with clock.travel(at):
        order_reopening.reopen(order, by=who or market.dealer_actor(), at=at, **values)
    order.refresh_from_db()
    return order


def test_a_reopened_order_is_confirmed_and_joins_the_cycle_that_closes_next(market, credit_book):
    order = made.order(market, [90, 5])
    cancel(market, order)
    assert credit_book.held == {}
    cycle = made.cycle(market)
    reopen(market, order, reason="wanted after all")
    assert (order.status, order.confirmed_at) == ("CONFIRMED", NOW)
    assert [(line.unpooled, line.cancelled, line.cycle_id) for line in lines_of(order)] == [
        (90, 0, cycle.pk),
        (5, 0, cycle.pk),
    ]
    assert credit_book.held[order.pk].amount == order.total_gross == Decimal("1073.5")
    assert [event.version for event in told(OrderConfirmed)] == [2, 5]
    verbs = StatusChange.objects.filter(document_id=order.pk).order_by("pk").values_list("verb", flat=True)
    assert list(verbs)[-3:] == ["cancel", "reopen", "confirm"]
    bought = close(cycle).lines.get(product=market.products[0])
    assert bought.quantity - bought.surplus_quantity == 90


def test_it_costs_what_it_costs_today(market):
    order = made.order(market, [90])
    cancel(market, order)
    PriceBreak.objects.filter(agreement__product=market.products[0], min_quantity=1).update(unit_price=12)
    reopen(market, order)
    [line] = lines_of(order)
    assert (line.unit_price, line.solo_unit_price, line.net_amount, order.total_net) == (12, 12, 1080, 1080)


def test_what_may_no_longer_be_ordered_stays_cancelled_and_every_reason_is_told(market, credit_book):
    order = made.order(market, [90, 5])
    cancel(market, order)
    PriceAgreement.objects.filter(product=market.products[0]).update(valid_to=date(2026, 11, 1))
    made.rule(market.maker, market.products[1], min_quantity=10)
    with pytest.raises(InvalidRows) as refused:
        reopen(market, order)
    assert [(one.row, one.code) for one in refused.value.problems] == [(1, "no_price"), (2, "below_minimum")]
    order.refresh_from_db()
    assert (order.status, credit_book.held) == ("CANCELLED", {})


def test_credit_is_checked_again(market, credit_book):
    order = made.order(market, [90])
    cancel(market, order)
    credit_book.limit = Decimal(100)
    with pytest.raises(CreditRefused):
        reopen(market, order)
    order.refresh_from_db()
    assert (order.status, order.version) == ("CANCELLED", 3)
    assert lines_of(order)[0].cancelled == 90


def test_approval_is_asked_anew_although_it_was_given_before(market):
    head, buyer = agreed.member(market.dealers[0], "ADMIN"), agreed.member(market.dealers[0], "BUYER")
    agreed.approval_rule(market.dealers[0], amount_from=100)
    with acting_as(buyer):
        order = made.order(market, [90])
    with acting_as(head):
        approval_decision.approve(order, by=head, at=NOW)
    cancel(market, order)
    reopen(market, order, who=buyer)
    assert order.status == "AWAITING_APPROVAL"
    assert list(ApprovalStep.objects.order_by("number").values_list("status", flat=True)) == [
        "APPROVED",
        "PENDING",
    ]
    with acting_as(head):
        approval_decision.approve(order, by=head, at=NOW)
    order.refresh_from_db()
    assert order.status == "CONFIRMED"


def test_lines_dropped_before_stay_dropped_and_what_was_lowered_stays_lower(market):
    order = made.order(market, [90, 5])
    edit(market, order, LineEdit(1, 80), LineEdit(2, 0))
    cancel(market, order)
    reopen(market, order)
    assert [line.requested - line.cancelled for line in lines_of(order)] == [80, 0]
    assert order.total_net == 800
    cancel(market, order)
    reopen(market, order)
    assert [line.requested - line.cancelled for line in lines_of(order)] == [80, 0]


def test_an_order_whose_last_line_was_dropped_comes_back_with_that_line(market):
    order = made.order(market, [90, 5])
    edit(market, order, LineEdit(2, 0))
    edit(market, order, LineEdit(1, 0))
    assert order.status == "CANCELLED"
    reopen(market, order)
    assert [line.unpooled for line in lines_of(order)] == [90, 0]


def test_what_a_line_wished_comes_back_with_it(market):
    market.products[0].attributes = {"options": {"colour": ["red"]}}
    market.products[0].save()
    day = NOW.date() + timedelta(days=30)
    order = wish(
        market, 40, max_unit_price="9.5", flex_up=4, flex_down=2, need_by_date=day.isoformat(),
        options='{"colour": "red"}',
    )  # fmt: skip
    before = OrderLine.objects.filter(order=order).values().get()
    cancel(market, order)
    reopen(market, order)
    assert OrderLine.objects.filter(order=order).values().get() == before
    cancel(market, order)
    with pytest.raises(InvalidRows, match="cannot be ordered any more"):
        reopen(market, order, at=NOW + timedelta(days=31))


def test_an_order_whose_goods_were_bought_is_not_reopened(market):
    cycle = made.cycle(market)
    order = made.order(market, [90])
    placed = close(cycle)
    edit(market, order, LineEdit(1, 0), at=LATER)
    for asked in placed.changes.all():
        purchase_order_change.answer(asked, is_accepted=True, by=market.factory_actor, at=LATER)
    order.refresh_from_db()
    assert order.status == "CANCELLED"
    with pytest.raises(CannotReopen, match="bought from the factory"):
        reopen(market, order, at=LATER)


def test_an_order_at_agreed_prices_is_called_off_anew(market):
    order = made.order(market, [90])
    Order.objects.filter(pk=order.pk).update(has_agreed_prices=True)
    cancel(market, order)
    with pytest.raises(CannotReopen, match="release it"):
        reopen(market, order)


def test_only_a_cancelled_order_and_only_one_of_its_own(market):
    order = made.order(market, [90])
    with pytest.raises(IllegalTransition):
        reopen(market, order)
    cancel(market, order)
    rival = market.dealer_actor(1)
    with pytest.raises(Forbidden), acting_as(rival):
        order_reopening.reopen(order, by=rival, at=NOW)
    reopen(market, order, who=market.operator_actor)
    assert order.status == "CONFIRMED"


def test_the_statements_do_not_depend_on_the_lines():
    def statements(count):
        market = made.trade(products=count)
        made.cycle(market)
        order = made.order(market, [5] * count)
        cancel(market, order)
        with CaptureQueriesContext(connection) as asked:
            reopen(market, order)
        return len(asked)

    assert statements(2) == statements(60)


def test_the_events_say_what_was_taken_back(market):
    order = made.order(market, [90])
    cancel(market, order)
    reopen(market, order)
    found = QuantityEvent.objects.filter(line__order=order, kind="cancelled").order_by("id")
    assert list(found.values_list("quantity", "source")) == [
        (90, f"cancel:{order.pk}:2"),
        (-90, f"reopen:{order.pk}:3"),
    ]
