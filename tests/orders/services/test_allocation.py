"""A sharing keeps what it was given, and what rounding owes is carried from cycle to cycle."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from b2b.core import clock
from b2b.core.actor import system
from orders.models import (
    AllocationResult,
    AllocationRun,
    FairnessBalance,
    FairnessEntry,
    OrderCycle,
    PriorityTier,
)
from orders.policies import sharing_run
from orders.policies.policy_seal import PolicyChanged
from orders.services import allocation, order_cycle, purchase_order
from orders.services.purchase_order import Answer
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, close, lines_of, short_cycle

pytestmark = pytest.mark.django_db


def _shared(market, wanted, confirmed, *, policy="proportional", hours=24, begin=NOW):
    """Run a cycle of one line per dealer that the factory confirms short; return the lines."""
    cycle = made.cycle(market, at=begin, hours=hours, policy={"fair_share": policy})
    with clock.travel(begin):
        orders = [
            made.order(market, [quantity], dealer=index, at=begin) for index, quantity in enumerate(wanted)
        ]
    end = begin + timedelta(hours=hours + 1)
    with clock.travel(end):
        [placed] = order_cycle.close(cycle, by=system("test"), at=end)
        purchase_order.respond(placed, answers=[Answer(1, confirmed)], by=market.factory_actor, at=end)
    return lines_of(*orders)


def test_a_run_is_replayed_from_what_it_keeps():
    short_cycle(50)
    run = AllocationRun.objects.get()
    inputs = sharing_run.unpack(bytes(run.inputs))
    assert sharing_run.pack(inputs)[1] == run.input_hash
    assert sharing_run.result_hash(sharing_run.run(inputs)) == run.result_hash
    assert (inputs.policy, inputs.policy_hash, inputs.seed) == (run.policy, run.policy_hash, run.seed)
    assert run.policy_hash == run.purchase_order.cycle.policy_hash != ""


def test_what_rounding_owes_is_entered_and_carried():
    market = made.trade(dealers=2, breaks=((1, "10"),))
    _shared(market, (5, 5), 5)
    balances = dict(FairnessBalance.objects.values_list("dealer_id", "balance"))
    first, second = (dealer.pk for dealer in market.dealers)
    assert balances == {first: Decimal("-0.5"), second: Decimal("0.5")}


def test_a_later_answer_replaces_what_the_earlier_carried():
    market, _orders, placed = short_cycle(50)
    before = dict(FairnessBalance.objects.values_list("dealer_id", "balance"))
    assert sorted(before.values()) == [Decimal("-0.5"), Decimal("0.5")]
    purchase_order.respond(placed, answers=[Answer(1, 100)], by=market.factory_actor, at=LATER)
    assert set(FairnessBalance.objects.values_list("balance", flat=True)) == {Decimal(0)}
    assert FairnessEntry.objects.count() == 4
    purchase_order.respond(placed, answers=[Answer(1, 50)], by=market.factory_actor, at=LATER)
    assert dict(FairnessBalance.objects.values_list("dealer_id", "balance")) == before


def test_past_usage_and_tiers_count_as_they_stood_at_the_cutoff():
    market = made.trade(dealers=2, breaks=((1, "10"),))
    PriorityTier.objects.create(dealer=market.dealers[1], tier=1, reason="contract", created_at=NOW)
    PriorityTier.objects.create(
        dealer=market.dealers[0], tier=1, reason="too late", created_at=LATER + timedelta(days=1)
    )
    lines = _shared(market, (10, 10), 12, policy="priority")
    assert [line.allocated for line in lines] == [2, 10]
    assert list(AllocationResult.objects.order_by("pk").values_list("tier", "rank")) == [(2, 1), (1, 2)]


def test_all_or_nothing_of_a_line():
    market = made.trade(dealers=3, breaks=((1, "10"),))
    cycle = made.cycle(market)
    orders = [
        made.order(market, [wanted], dealer=index, told={"all_or_nothing": index == 1})
        for index, wanted in enumerate((25, 35, 40))
    ]
    placed = close(cycle)
    purchase_order.respond(placed, answers=[Answer(1, 50)], by=market.factory_actor, at=LATER)
    assert [line.allocated for line in lines_of(*orders)] == [19, 0, 31]
    result = AllocationResult.objects.get(is_forgone=True)
    assert (result.entitlement_numerator, result.entitlement_denominator) == (35, 2)


def test_the_policy_cannot_change_after_the_freeze():
    market = made.trade(breaks=((1, "10"),))
    cycle = made.cycle(market)
    made.order(market, [10])
    placed = close(cycle)
    with pytest.raises(DatabaseError, match="frozen cycle"), transaction.atomic():
        OrderCycle.objects.update(policy={"fair_share": "first_come"})
    placed.cycle.policy["fair_share"] = "first_come"
    with pytest.raises(PolicyChanged):
        allocation.share(placed, lines=[placed.lines.get().pk], at=LATER)


def test_statements_do_not_grow_with_pegs():
    def statements(lines):
        market = made.trade(products=lines, dealers=2, breaks=((1, "10"),))
        cycle = made.cycle(market)
        for dealer in range(2):
            made.order(market, [5] * lines, dealer=dealer)
        placed = close(cycle)
        answers = [Answer(number, 5) for number in range(1, lines + 1)]
        with CaptureQueriesContext(connection) as queries:
            purchase_order.respond(placed, answers=answers, by=market.factory_actor, at=LATER)
        return len(queries)

    assert statements(3) == statements(30)
