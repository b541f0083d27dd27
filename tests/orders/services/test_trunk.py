"""From a dealer's rows to goods received, delivered and invoiced."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from b2b.contracts.orders import OrderChanged, OrderConfirmed, SupplyAllocated
from b2b.contracts.warehousing import ReceivedLine
from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.ids import uuid7
from b2b.outbox.models import OutboxEvent
from orders.models import (
    AllocationResult,
    Order,
    OrderLine,
    Peg,
    PriceAgreement,
    ProductionSignal,
    PurchaseOrder,
    SavingsStatement,
)
from orders.services import (
    bulk_order,
    despatch_advice,
    fulfilment,
    goods_receipt,
    order,
    order_cycle,
    production_signal,
    purchase_order,
)
from orders.services.despatch_advice import Despatched
from orders.services.purchase_order import Answer
from tests.factories import orders as made
from tests.factories.orders import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=25)


@pytest.fixture(autouse=True)
def as_platform(holds):
    """Act as the platform, and check all invariants when the test is through."""
    with acting_as(system("test")):
        yield
        holds()


def told(event):
    return [
        event.from_json(json.dumps(one.payload))
        for one in OutboxEvent.objects.filter(topic=event.topic).order_by("id")
    ]


def close(cycle):
    with clock.travel(LATER):
        return order_cycle.close(cycle, by=system("test"), at=LATER)


def lines_of(*orders):
    return list(OrderLine.objects.filter(order__in=orders).order_by("pk"))


def test_an_order_is_confirmed_with_price_credit_and_cycle(credit_book):
    market = made.trade()
    cycle = made.cycle(market)
    placed = made.order(market, [120])
    assert placed.status == "CONFIRMED"
    assert (placed.total_net, placed.total_tax) == (Decimal(960), Decimal("124.80"))
    assert credit_book.held[placed.pk].amount == Decimal("1084.80")
    line = placed.lines.get()
    assert (line.cycle_id, line.requested, line.unpooled) == (cycle.pk, 120, 120)
    event = told(OrderConfirmed)[0]
    assert (event.order_id, event.version, event.lines[0].line_id) == (placed.pk, placed.version, line.pk)


def test_refused_credit_leaves_nothing(credit_book):
    market = made.trade()
    credit_book.limit = Decimal(1000)
    with pytest.raises(order.CreditRefused) as refused:
        made.order(market, [120])
    assert refused.value.context["shortfall"] == "84.80"
    assert not Order.objects.exists()
    assert not OutboxEvent.objects.filter(topic=OrderConfirmed.topic).exists()


def test_a_reference_is_used_once():
    market = made.trade()
    made.order(market, [1], external_reference="A1")
    made.order(market, [1], external_reference="A1", dealer=1)
    with pytest.raises(order.DuplicateReference):
        made.order(market, [1], external_reference="A1")


def test_cancel_is_free_before_the_cutoff_only(credit_book):
    market = made.trade()
    made.cycle(market)
    first, second = made.order(market, [5]), made.order(market, [5])
    with acting_as(market.dealer_actor()):
        cancelled = order.cancel(first, by=market.dealer_actor(), at=NOW)
    assert cancelled.status == "CANCELLED"
    assert credit_book.released == [first.pk]
    assert lines_of(first)[0].cancelled == 5
    with clock.travel(LATER), pytest.raises(order.cycle_membership.CutoffPassed):
        order.cancel(second, by=market.dealer_actor(), at=LATER)


def test_a_pool_buys_on_the_sum_and_shares_the_saving(credit_book):
    market = made.trade(breaks=((1, "10"), (100, "8")))
    cycle = made.cycle(market)
    small, large = made.order(market, [30]), made.order(market, [60], dealer=1)
    placed = close(cycle)
    line = placed.lines.get()
    assert (line.quantity, line.surplus_quantity, line.unit_price) == (100, 10, 8)
    assert sorted((peg.pegged, peg.order_line_id is None) for peg in line.pegs.all()) == [
        (10, True),
        (30, False),
        (60, False),
    ]
    small.refresh_from_db()
    large.refresh_from_db()
    assert small.lines.get().unit_price == Decimal("8.6")
    assert (small.total_net, large.total_net) == (258, 516)
    assert credit_book.held[small.pk].amount == small.total_gross
    assert {event.order_id for event in told(OrderChanged)} == {small.pk, large.pk}
    statement = SavingsStatement.objects.get(dealer=market.dealers[0])
    assert (statement.baseline, statement.pooled) == (300, 240)
    assert (statement.dealer_share, statement.platform_share, statement.factory_share) == (42, 12, 6)
    signal = ProductionSignal.objects.get()
    assert [(one.commitment, one.quantity) for one in signal.lines.all()] == [("FIRM", 100), ("FORECAST", 80)]
    cycle.refresh_from_db()
    assert (cycle.status, len(cycle.policy_hash)) == ("SENT", 64)


def test_minimum_and_multiple_hold_on_the_pool():
    market = made.trade(breaks=((1, "10"),), moq=5)
    cycle = made.cycle(market)
    made.order(market, [3])
    made.order(market, [2], dealer=1)
    assert close(cycle).lines.get().quantity == 5


def test_stock_covers_first(shelf):
    market = made.trade(breaks=((1, "10"),))
    cycle = made.cycle(market)
    shelf.free[market.products[0].pk] = 25
    first, second = made.order(market, [20]), made.order(market, [20], dealer=1)
    assert close(cycle).lines.get().quantity == 15
    assert [(line.covered, line.pooled) for line in lines_of(first, second)] == [(20, 0), (5, 15)]


def test_closing_twice_gives_the_same_purchase_order():
    market = made.trade()
    cycle = made.cycle(market)
    made.order(market, [10])
    assert close(cycle) == close(cycle)
    assert PurchaseOrder.objects.count() == 1


def test_a_cycle_takes_orders_until_its_cutoff():
    market = made.trade()
    cycle = made.cycle(market)
    with pytest.raises(order_cycle.BeforeCutoff):
        order_cycle.close(cycle, by=system("test"), at=NOW)
    with clock.travel(cycle.cutoff_at):
        late = made.order(market, [7], at=cycle.cutoff_at)
    assert late.lines.get().cycle_id is None
    assert close(cycle) is None
    assert cycle.__class__.objects.get().status == "CLOSED"


def test_an_order_without_a_cycle_joins_the_next():
    market = made.trade()
    waiting = made.order(market, [7])
    cycle = made.cycle(market, at=NOW + timedelta(minutes=1))
    close(cycle)
    assert lines_of(waiting)[0].pooled == 7


def test_the_next_cycle_opens_by_itself_once():
    market = made.trade()
    made.cycle(market, recurrence_days=7)
    far = NOW + timedelta(days=16)
    with clock.travel(far):
        opened = order_cycle.ensure_open(by=system("test"), at=far)
        assert [one.cutoff_at for one in opened] == [NOW + timedelta(days=22)]
        assert order_cycle.ensure_open(by=system("test"), at=far) == []


def short_cycle(confirmed):
    market = made.trade(dealers=3, breaks=((1, "10"),))
    cycle = made.cycle(market)
    orders = [made.order(market, [wanted], dealer=index) for index, wanted in enumerate((25, 35, 40))]
    placed = close(cycle)
    purchase_order.respond(placed, answers=[Answer(1, confirmed)], by=market.factory_actor, at=LATER)
    return market, orders, placed


def test_a_shortage_is_shared_and_the_rest_waits_for_the_next_cycle():
    market, orders, _placed = short_cycle(50)
    assert [(line.allocated, line.pooled, line.unpooled) for line in lines_of(*orders)] == [
        (13, 13, 12),
        (17, 17, 18),
        (20, 20, 20),
    ]
    result = AllocationResult.objects.order_by("pk").first()
    assert (result.entitlement_numerator, result.entitlement_denominator, result.rounded) == (25, 2, 13)
    assert [part.quantity for part in told(SupplyAllocated)[0].allocations] == [13, 17, 20]
    following = made.cycle(market, at=LATER, hours=48)
    with clock.travel(LATER + timedelta(hours=49)):
        again = order_cycle.close(following, by=system("test"), at=LATER + timedelta(hours=49))
    assert again.lines.get().quantity == 50


def test_a_later_response_replaces_the_earlier():
    market, orders, placed = short_cycle(50)
    purchase_order.respond(placed, answers=[Answer(1, 90)], by=market.factory_actor, at=LATER)
    assert sum(line.allocated for line in lines_of(*orders)) == 90
    assert all(line.pooled == line.allocated for line in lines_of(*orders))
    purchase_order.respond(placed, answers=[Answer(1, 20)], by=market.factory_actor, at=LATER)
    assert sum(line.allocated for line in lines_of(*orders)) == 20
    assert [event.version for event in told(SupplyAllocated)] == [1, 2, 3]


def test_a_rejected_purchase_order_gives_everything_back():
    _market, orders, placed = short_cycle(0)
    placed.refresh_from_db()
    assert placed.status == "REJECTED"
    assert [line.unpooled for line in lines_of(*orders)] == [25, 35, 40]


def test_surplus_gives_way_to_dealers():
    market = made.trade(breaks=((1, "10"), (100, "8")))
    cycle = made.cycle(market)
    made.order(market, [90])
    placed = close(cycle)
    purchase_order.respond(placed, answers=[Answer(1, 95)], by=market.factory_actor, at=LATER)
    assert sorted(Peg.objects.values_list("allocated", flat=True)) == [5, 90]


def test_only_its_factory_responds_and_within_the_order():
    market = made.trade()
    cycle = made.cycle(market)
    made.order(market, [10])
    placed = close(cycle)
    with pytest.raises(order.Forbidden):
        purchase_order.respond(placed, by=made.trade().factory_actor, at=LATER)
    with pytest.raises(purchase_order.InvalidResponse) as refused:
        purchase_order.respond(
            placed, answers=[Answer(1, 11), Answer(2, 1)], by=market.factory_actor, at=LATER
        )
    assert [problem.pointer for problem in refused.value.problems] == ["/lines/0", "/lines/1"]


def test_goods_go_all_the_way():
    market, orders, placed = short_cycle(100)
    with acting_as(market.factory_actor):
        advice = despatch_advice.receive(
            placed,
            lines=[Despatched(1, 60, lot_number="L1"), Despatched(1, 40)],
            expected_at=LATER,
            external_reference="D-1",
            by=market.factory_actor,
            at=LATER,
        )
        again = despatch_advice.receive(
            placed, lines=[Despatched(1, 60)], expected_at=LATER, external_reference="D-1",
            by=market.factory_actor, at=LATER,
        )  # fmt: skip
        assert again == advice
    receipt = uuid7()
    part = ReceivedLine(
        purchase_order_line_id=placed.lines.get().pk,
        product_id=market.products[0].pk,
        accepted_quantity=100,
        rejected_quantity=0,
    )
    for _ in range(2):
        goods_receipt.note(placed.pk, lines=[part], receipt_id=receipt, by=system("test"), at=LATER)
    assert [line.received for line in lines_of(*orders)] == [25, 35, 40]
    placed.refresh_from_db()
    assert (placed.status, placed.cycle.status) == ("CLOSED", "CLOSED")
    advice.refresh_from_db()
    assert advice.status == "RECEIVED"
    line = lines_of(orders[0])[0]
    with pytest.raises(fulfilment.quantity.OutOfOrder):
        fulfilment.note("delivered", [(line.pk, 25)], source="shipment:x", by=system("test"), at=LATER)
    for bucket in ("shipped", "delivered", "invoiced"):
        for _ in range(2):
            fulfilment.note(bucket, [(line.pk, 25)], source=f"{bucket}:x", by=system("test"), at=LATER)
    line.refresh_from_db()
    assert (line.shipped, line.delivered, line.invoiced) == (25, 25, 25)
    assert Order.objects.get(pk=orders[0].pk).status == "COMPLETED"


def test_a_factory_answers_a_signal():
    market = made.trade()
    cycle = made.cycle(market)
    made.order(market, [10])
    close(cycle)
    signal = ProductionSignal.objects.get()
    with acting_as(market.factory_actor):
        production_signal.acknowledge(signal, by=market.factory_actor, at=LATER)
        with pytest.raises(production_signal.InvalidAnswer):
            production_signal.answer(signal, committed={1: 11}, by=market.factory_actor, at=LATER)
        production_signal.answer(signal, committed={1: 6}, by=market.factory_actor, at=LATER)
    signal.refresh_from_db()
    assert signal.status == "COMMITTED"
    assert [line.committed_quantity for line in signal.lines.all()] == [6, 0]


def test_agreements_do_not_overlap():
    from django.db import IntegrityError, transaction

    market = made.trade()
    with pytest.raises(IntegrityError), transaction.atomic():
        made.agreement(market.maker, market.products[0])
    made.agreement(market.maker, market.products[0], buyer=market.dealers[0], breaks=((1, "7"),))
    assert PriceAgreement.objects.count() == 2
    assert made.order(market, [1]).total_net == 7
    assert made.order(market, [1], dealer=1).total_net == 10


def _statements(count):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    market = made.trade(products=10, breaks=((1, "10"), (100, "8")))
    cycle = made.cycle(market)
    counts = []

    def counted(call):
        with CaptureQueriesContext(connection) as queries:
            result = call()
        counts.append(len(queries))
        return result

    rows = bulk_order.rows_of(
        {"sku": market.products[index % 10].sku, "quantity": 3} for index in range(count)
    )
    who = market.dealer_actor()
    shop = market.shops[0]
    counted(lambda: bulk_order.preview(rows, dealer=market.dealers[0], ship_to=shop, by=who, at=NOW))
    counted(lambda: bulk_order.submit(rows, dealer=market.dealers[0], ship_to=shop, by=who, at=NOW))
    placed = counted(lambda: close(cycle))
    counted(lambda: purchase_order.respond(placed, answers=[Answer(1, 1)], by=market.factory_actor, at=LATER))
    return counts


def test_statements_do_not_grow_with_lines():
    _statements(10)
    assert _statements(100) == _statements(1000)
