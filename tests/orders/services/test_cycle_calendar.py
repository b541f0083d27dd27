"""Cycles open, fill packs and follow one another by the clock; whoever calls twice or late changes nothing."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from b2b.core import clock
from b2b.core.actor import system
from b2b.core.errors import Forbidden
from b2b.db.models import StatusChange
from orders.models import OrderCycle
from orders.policies.recurrence import BadRecurrence
from orders.services import cycle_calendar, cycle_plan, cycle_status, order_cycle, purchase_order
from orders.services.cycle_plan import BadTimes, CutoffPassed
from tests.factories import orders as made
from tests.factories.orders import NOW
from tests.orders.services.steps import LATER, close, lines_of

pytestmark = pytest.mark.django_db
BY = system("test")
MILLISECOND = timedelta(milliseconds=1)
WEEKLY = {"every": "days", "interval": 7}


def at(moment, call, **values):
    with clock.travel(moment):
        return call(by=BY, at=moment, **values)


def planned(market, **values):
    terms = {"warehouse": market.warehouse, "opens_at": NOW + timedelta(hours=1), "cutoff_at": LATER}
    return cycle_plan.plan(market.maker, **{**terms, **values}, by=BY, at=NOW)


def states(cycle):
    return list(
        StatusChange.objects.filter(document_id=cycle.pk).order_by("pk").values_list("verb", flat=True)
    )


def test_a_planned_cycle_opens_at_its_hour_and_not_before():
    cycle = planned(made.trade())
    assert at(cycle.opens_at - MILLISECOND, cycle_calendar.ensure_open) == []
    assert at(cycle.opens_at, cycle_calendar.ensure_open) == [cycle]
    assert at(cycle.opens_at + MILLISECOND, cycle_calendar.ensure_open) == []
    assert states(cycle) == ["schedule", "open"]


def test_orders_join_a_planned_cycle_from_its_hour_even_if_nobody_opened_it():
    market = made.trade()
    cycle = planned(market)
    with clock.travel(cycle.opens_at - MILLISECOND):
        early = made.order(market, [5], at=cycle.opens_at)
    with clock.travel(cycle.opens_at):
        timely = made.order(market, [7], at=cycle.opens_at)
    assert [line.cycle_id for line in lines_of(early, timely)] == [None, cycle.pk]
    assert close(cycle).lines.get().quantity == 12
    assert states(cycle) == ["schedule", "open", "freeze", "send"]


def test_packs_are_filled_from_the_declared_moment_until_the_cutoff():
    cycle = planned(made.trade(), boxfill_at=LATER - timedelta(hours=2))
    at(cycle.opens_at, cycle_calendar.ensure_open)
    assert at(cycle.boxfill_at - MILLISECOND, cycle_calendar.fill_packs) == []
    assert at(cycle.boxfill_at, cycle_calendar.fill_packs) == [cycle]
    assert at(cycle.cutoff_at - MILLISECOND, cycle_calendar.fill_packs) == []
    assert close(cycle) is None
    assert states(cycle) == ["schedule", "open", "boxfill", "freeze", "close"]


def test_the_next_cycle_is_there_before_the_cutoff_of_this_one():
    market = made.trade()
    cycle = made.cycle(market, recurrence=WEEKLY, boxfill_at=NOW + timedelta(hours=20))
    assert at(NOW, cycle_calendar.ensure_open) == []
    follower = OrderCycle.objects.get(follows=cycle)
    assert (follower.status, follower.opens_at) == ("DRAFT", cycle.cutoff_at)
    assert follower.cutoff_at - cycle.cutoff_at == timedelta(days=7)
    assert follower.cutoff_at - follower.boxfill_at == timedelta(hours=4)
    with clock.travel(cycle.cutoff_at):
        late = made.order(market, [3], at=cycle.cutoff_at)
    assert lines_of(late)[0].cycle_id == follower.pk
    assert at(cycle.cutoff_at, cycle_calendar.ensure_open) == [follower]
    assert OrderCycle.objects.filter(follows=follower).count() == 1


def test_a_cutoff_keeps_its_local_hour_and_leaves_holidays_out():
    market = made.trade()
    first = datetime(2027, 3, 25, 16, tzinfo=UTC)  # 17:00 in Berlin, a Thursday before the clocks change
    weekly = {"every": "week", "weekdays": [3], "zone": "Europe/Berlin", "skip": ["2027-04-01"]}
    cycle = made.cycle(market, at=first - timedelta(days=1), recurrence=weekly)
    assert cycle.recurrence["at"] == "17:00:00"
    at(first - timedelta(hours=1), cycle_calendar.ensure_open)
    local = OrderCycle.objects.get(follows=cycle).cutoff_at.astimezone(ZoneInfo("Europe/Berlin"))
    assert local.isoformat() == "2027-04-08T17:00:00+02:00"


def test_a_moment_taken_by_another_cycle_is_passed_over():
    market = made.trade()
    made.cycle(market, hours=24 + 7 * 24)
    cycle = made.cycle(market, recurrence=WEEKLY)
    at(NOW, cycle_calendar.ensure_open)
    assert OrderCycle.objects.get(follows=cycle).cutoff_at - cycle.cutoff_at == timedelta(days=14)


def test_a_series_ends_when_it_is_stopped():
    cycle = made.cycle(made.trade(), recurrence=WEEKLY)
    cycle_plan.stop(cycle, by=BY, at=NOW)
    at(NOW, cycle_calendar.ensure_open)
    assert OrderCycle.objects.count() == 1


def test_an_extension_moves_the_cutoff_and_the_next_opening_and_is_told():
    market = made.trade()
    cycle = made.cycle(market, recurrence=WEEKLY)
    at(NOW, cycle_calendar.ensure_open)
    until = cycle.cutoff_at + timedelta(hours=3)
    before = cycle.cutoff_at
    at(before - MILLISECOND, cycle_plan.extend, cycle=cycle, cutoff_at=until, reason="snow")
    cycle.refresh_from_db()
    follower = OrderCycle.objects.get(follows=cycle)
    assert (cycle.cutoff_at, follower.opens_at, cycle.version) == (until, until, 3)
    told = StatusChange.objects.filter(document_id=cycle.pk, verb="extend").get()
    assert told.reason == f"{before.isoformat()} -> {until.isoformat()}: snow"
    with clock.travel(until - MILLISECOND):
        assert lines_of(made.order(market, [3], at=until))[0].cycle_id == cycle.pk
    with pytest.raises(order_cycle.BeforeCutoff):
        at(until - MILLISECOND, order_cycle.close, cycle=cycle)


def test_nothing_changes_after_the_cutoff():
    cycle = made.cycle(made.trade())
    for call, values in (
        (cycle_plan.extend, {"cutoff_at": LATER + timedelta(days=1)}),
        (cycle_plan.cancel, {}),
    ):
        with pytest.raises(CutoffPassed):
            at(cycle.cutoff_at, call, cycle=cycle, reason="late", **values)
    close(cycle)
    with pytest.raises(CutoffPassed):
        at(NOW, cycle_plan.cancel, cycle=cycle, reason="frozen")


def test_a_cutoff_is_not_moved_forward():
    cycle = made.cycle(made.trade())
    with pytest.raises(BadTimes):
        at(NOW, cycle_plan.extend, cycle=cycle, cutoff_at=cycle.cutoff_at, reason="")


def test_orders_of_a_cycle_that_is_called_off_wait_for_the_next():
    market = made.trade()
    cycle = made.cycle(market)
    order = made.order(market, [9])
    at(NOW, cycle_plan.cancel, cycle=cycle, reason="factory on strike")
    assert lines_of(order)[0].cycle_id is None
    assert StatusChange.objects.get(document_id=cycle.pk, verb="cancel").reason == "factory on strike"
    again = made.cycle(market, at=NOW + timedelta(minutes=5), hours=20)
    assert close(again).lines.get().quantity == 9


def test_only_the_operator_runs_cycles():
    market = made.trade()
    cycle = made.cycle(market)
    for who in (market.dealer_actor(), market.factory_actor):
        with pytest.raises(Forbidden):
            cycle_plan.extend(cycle, cutoff_at=LATER + timedelta(days=1), reason="", by=who, at=NOW)
        with pytest.raises(Forbidden):
            cycle_plan.cancel(cycle, reason="", by=who, at=NOW)
        with pytest.raises(Forbidden):
            cycle_calendar.ensure_open(by=who, at=NOW)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"boxfill_at": NOW}, BadTimes),
        ({"boxfill_at": LATER + MILLISECOND}, BadTimes),
        ({"opens_at": LATER}, BadTimes),
        ({"recurrence": {"every": "now and then"}}, BadRecurrence),
        ({"policy": {"progress": {"fewest_dealers": 1}}}, ValueError),
    ],
)
def test_a_cycle_that_makes_no_sense_is_not_planned(values, error):
    with pytest.raises(error):
        planned(made.trade(), **values)


def test_a_cycle_is_confirmed_and_closed_with_its_purchase_orders():
    market = made.trade()
    cycle = made.cycle(market)
    made.order(market, [5])
    placed = close(cycle)
    assert cycle_status.settle(by=BY, at=LATER) == 0
    purchase_order.respond(placed, answers=[], by=market.factory_actor, at=LATER)
    assert cycle_status.settle(by=BY, at=LATER) == 0
    cycle.refresh_from_db()
    assert cycle.status == "CONFIRMED"
    # A move that was lost is found again by the sweep, once.
    OrderCycle.objects.filter(pk=cycle.pk).update(status="SENT")
    assert [cycle_status.settle(by=BY, at=LATER) for _ in range(2)] == [1, 0]
