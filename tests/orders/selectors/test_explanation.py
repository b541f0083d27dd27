"""A dealer reads why it got what it got, and nothing of the others."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from b2b.core import clock
from b2b.core.actor import acting_as, system
from orders.models import AllocationRun
from orders.selectors import allocation_run, explanation
from orders.services import order_cycle, purchase_order
from orders.services.purchase_order import Answer
from tests.factories import orders as made
from tests.orders.services.steps import LATER

pytestmark = pytest.mark.django_db
BREAKS = ((1, "10"), (50, "9"), (100, "8"))


def shared(wanted, confirmed, **values):
    """Let dealers order, one line each, and the factory confirm short."""
    market = made.trade(dealers=len(wanted), breaks=BREAKS)
    cycle = made.cycle(market, **values)
    orders = [made.order(market, [one], dealer=index) for index, one in enumerate(wanted)]
    with acting_as(system("test")), clock.travel(LATER):
        [placed] = order_cycle.close(cycle, by=system("test"), at=LATER)
        purchase_order.respond(placed, answers=[Answer(1, confirmed)], by=market.factory_actor, at=LATER)
    return market, cycle, orders


def explained(market, orders, dealer):
    who = market.dealer_actor(dealer)
    with acting_as(who):
        [line] = explanation.of_order(who, orders[dealer])
    return line


def test_entitlement_rank_rounding_carry_and_price():
    market, cycle, orders = shared((25, 35, 40), 50)
    line = explained(market, orders, 0)
    [one] = line.sharings
    assert (one.cycle, one.policy, one.requested, one.allotted) == (cycle.number, "proportional", 25, 13)
    assert (one.numerator, one.denominator, one.rank, one.rounding_numerator) == (25, 2, 1, 1)
    assert (one.carry_in, one.carry_out) == (Decimal(0), Decimal("-0.5"))
    assert (line.price_reason, one.break_quantity) == ("pooled", 100)
    assert (line.waiting, line.rest) == (12, "waits")
    assert line.withdrawable_until is not None


def _readable(line):
    """Return all that the answer says, but for the seals."""
    return [
        (line.quantity, line.allocated, line.waiting, line.price_reason, line.rest, line.unit_price),
        [
            (one.requested, one.allotted, one.numerator, one.denominator, one.rank, one.rounding_numerator,
             one.carry_in, one.carry_out, one.break_quantity, one.is_confidential)
            for one in line.sharings
        ],
    ]  # fmt: skip


@pytest.mark.parametrize("policy", ["proportional", "equal", "first_come"])
def test_of_two_dealers_neither_reads_the_other(policy):
    """Whatever the rival asks, as long as one's own goods are the same, the answer is the same."""
    answers = []
    for rival, confirmed in ((60, 40), (30, 25)):
        market, _cycle, orders = shared((20, rival), confirmed, policy={"fair_share": policy})
        line = explained(market, orders, 0)
        [one] = line.sharings
        assert one.is_confidential
        assert {
            one.numerator,
            one.denominator,
            one.rank,
            one.rounding_numerator,
            one.carry_in,
            one.carry_out,
        } == {None}
        answers.append((one.allotted, _readable(line)))
    (first, one), (second, other) = answers
    if first == second:
        assert one == other


def test_the_operator_reads_what_two_dealers_share():
    market, _cycle, orders = shared((20, 60), 40)
    who = market.operator_actor
    with acting_as(who):
        [line] = explanation.of_order(who, orders[0])
    assert (line.sharings[0].numerator, line.sharings[0].denominator) == (10, 1)


def test_a_run_replays_by_command_and_equals_are_treated_alike():
    market, cycle, _orders = shared((30, 30, 40), 51)
    who = market.operator_actor
    with acting_as(who):
        run = allocation_run.visible(who).get()
        assert allocation_run.replay(run).is_same
        [treated] = allocation_run.equal_requests(who, cycle)
        assert (treated.group.claims, treated.group.is_equal) == (2, True)
        assert not allocation_run.visible(market.dealer_actor()).exists()
    told = StringIO()
    call_command("replay_allocation", str(run.pk), stdout=told)
    assert told.getvalue().count("as kept") == 2
    with pytest.raises(CommandError, match="no allocation run"):
        call_command("replay_allocation", str(cycle.pk))


def test_a_forged_run_does_not_replay():
    market, _cycle, _orders = shared((25, 35, 40), 50)
    with acting_as(market.operator_actor):
        run = AllocationRun.objects.get()
        run.result_hash = "0" * 64
        assert not allocation_run.replay(run).is_same


def test_the_break_that_is_told_is_of_the_dealers_own_prices():
    market, _cycle, orders = shared((25, 35, 40), 50)
    table = ((1, "9"), (50, "7"), (55, "6"), (90, "5"))
    made.agreement(market.maker, market.products[0], table, buyer=market.dealers[0])
    assert explained(market, orders, 0).sharings[0].break_quantity == 90
    assert explained(market, orders, 1).sharings[0].break_quantity == 100
