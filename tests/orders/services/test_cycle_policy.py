"""What a cycle declares is changed until its cut-off, with a history, and holds when it closes."""

from datetime import timedelta

import pytest

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.errors import Forbidden
from b2b.db.models import StatusChange
from orders.models import OrderCycle, Peg
from orders.policies.cycle_policy import InvalidPolicy
from orders.policies.policy_seal import seal
from orders.services import cycle_calendar, cycle_plan, cycle_policy, pool_progress, purchase_order
from orders.services.cycle_plan import BadTimes, CutoffPassed
from orders.services.purchase_order import Answer
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, close, lines_of
from tests.orders.services.wishes import wish

pytestmark = pytest.mark.django_db
BY = system("test")
HOUR = timedelta(hours=1)


def declare(cycle, *, at=NOW, by=BY, **values):
    with clock.travel(at):
        return cycle_policy.declare(cycle, **values, by=by, at=at)


def said(cycle):
    return list(
        StatusChange.objects.filter(document_id=cycle.pk, verb="declare").values_list("reason", flat=True)
    )


def test_the_rules_that_hold_at_the_cut_off_are_sealed_and_used():
    market = made.trade(dealers=2, breaks=((1, "10"),), multiple=10)
    cycle = made.cycle(market)
    orders = [wish(market, 30), wish(market, 13, dealer=1)]
    changed = declare(cycle, policy={"fair_share": "equal", "surplus": "NEXT_CYCLE"}, reason="as voted")
    assert (changed.version, changed.status) == (cycle.version + 1, "OPEN")
    assert said(cycle) == ["as voted; fair_share: proportional -> equal; surplus: PLATFORM -> NEXT_CYCLE"]
    placed = close(changed)
    changed.refresh_from_db()
    assert changed.policy_hash == seal(changed.policy)
    assert Peg.objects.get(order_line=None).surplus_owner == "NEXT_CYCLE"
    purchase_order.respond(placed, answers=[Answer(1, 20)], by=market.factory_actor, at=LATER)
    assert [line.allocated for line in lines_of(*orders)] == [10, 10]
    with pytest.raises(CutoffPassed):
        declare(changed, policy={"fair_share": "proportional"}, at=LATER)


def test_after_the_cut_off_nobody_changes_what_the_clock_sealed():
    cycle = made.cycle(made.trade())
    with pytest.raises(CutoffPassed):
        declare(cycle, policy={"surplus": "NEXT_CYCLE"}, at=cycle.cutoff_at)
    assert OrderCycle.objects.get().policy["surplus"] == "PLATFORM"


def test_only_the_operator_declares_and_nonsense_leaves_nothing():
    market = made.trade()
    cycle = made.cycle(market)
    for who in (market.dealer_actor(), market.factory_actor):
        with pytest.raises(Forbidden):
            declare(cycle, policy={"surplus": "NEXT_CYCLE"}, by=who)
    with acting_as(market.operator_actor), pytest.raises(InvalidPolicy):
        declare(cycle, policy={"sharing": {"dealer": 1}}, by=market.operator_actor)
    same = declare(cycle, policy={"surplus": "PLATFORM"}, window_days=7, boxfill_at=None)
    assert (same.version, said(cycle)) == (cycle.version, [])


def test_the_window_and_the_phase_that_fills_packs():
    cycle = made.cycle(made.trade())
    starts = NOW + 20 * HOUR
    changed = declare(cycle, window_days=None, boxfill_at=starts)
    assert (changed.window_days, changed.boxfill_at) == (None, starts)
    with pytest.raises(BadTimes):
        declare(cycle, boxfill_at=cycle.cutoff_at + HOUR)
    with pytest.raises(cycle_policy.FillsPacks):
        declare(cycle, boxfill_at=None, at=starts)
    assert declare(cycle, policy={"given_up": "stock"}, at=starts).policy["given_up"] == "stock"


def test_what_was_told_of_the_pools_stays_told_by_one_ruler():
    cycle = made.cycle(made.trade())
    assert declare(cycle, policy={"progress": {"parts": 5}}).policy["progress"]["parts"] == 5
    with clock.travel(NOW + 2 * HOUR), acting_as(BY):
        pool_progress.tell(cycle, by=BY, at=NOW + 2 * HOUR)
    assert OrderCycle.objects.get().progress_at is not None
    with pytest.raises(cycle_policy.AlreadyTold):
        declare(cycle, policy={"progress": {"parts": 6}}, at=NOW + 3 * HOUR)
    assert (
        declare(cycle, policy={"surplus": "NEXT_CYCLE"}, at=NOW + 3 * HOUR).policy["progress"]["parts"] == 5
    )


@pytest.mark.parametrize("following", [True, False])
def test_the_cycle_that_follows_is_changed_too_when_told_so(following):
    market = made.trade()
    weekly = {"every": "days", "interval": 7}
    cycle = made.cycle(market, recurrence=weekly)
    with clock.travel(NOW + HOUR):
        cycle_calendar.ensure_open(by=BY, at=NOW + HOUR)
    after = OrderCycle.objects.get(follows=cycle)
    declare(cycle, policy={"fair_share": "usage"}, window_days=3, following=following, at=NOW + HOUR)
    after.refresh_from_db()
    assert after.policy["fair_share"] == ("usage" if following else "proportional")
    assert after.window_days == (3 if following else 7)
    assert len(said(after)) == following


def test_a_cycle_is_planned_with_whole_rules():
    market = made.trade()
    cycle = made.cycle(market, policy={"sharing": {"dealer": 6000, "platform": 3000}})
    assert cycle.policy["sharing"] == {"dealer": 6000, "platform": 3000, "factory": 1000}
    with pytest.raises(InvalidPolicy), acting_as(BY):
        cycle_plan.plan(
            market.maker, warehouse=market.warehouse, opens_at=NOW, cutoff_at=LATER,
            policy={"given-up": "stock"}, by=BY, at=NOW,
        )  # fmt: skip
