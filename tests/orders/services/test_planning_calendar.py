"""Planning is due once a local day for each factory, however often and late anybody wakes up."""

from datetime import UTC, datetime, timedelta

import pytest

from b2b.core import clock
from b2b.core.actor import system
from b2b.outbox.schedule import SCHEDULES
from orders import tasks
from orders.models import ForecastRun, PlanRun, ProductionSignal, StockOut
from orders.services import planning_calendar
from tests.factories import orders as made
from tests.factories import planning
from tests.factories.orders import NOW

pytestmark = pytest.mark.django_db
BY = system("test")


def plan(at):
    with clock.travel(at):
        return planning_calendar.plan_due(by=BY, at=at)


def test_two_beats_give_one_plan_and_a_missed_day_is_planned_once(shelf, settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    market = made.trade()
    planning.buffer(market)
    shelf.free[market.products[0].pk] = 340
    [first] = plan(NOW)
    assert plan(NOW + timedelta(hours=1)) == []
    assert first.period_key == "2026-11-23"
    # Nobody woke up for three days.
    [second] = plan(NOW + timedelta(days=3))
    assert plan(NOW + timedelta(days=3, hours=2)) == []
    assert second.period_key == "2026-11-26"
    assert PlanRun.objects.count() == 2
    assert ProductionSignal.objects.count() == 1


def test_days_the_clock_changes_have_one_plan_each(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    planning.buffer(made.trade())
    keys = []
    # 29 March has 23 hours, 25 October 25: an hourly beat runs through both.
    for first in (datetime(2026, 3, 28, 0, tzinfo=UTC), datetime(2026, 10, 24, 0, tzinfo=UTC)):
        for hour in range(0, 72, 1):
            keys += [run.period_key for run in plan(first + timedelta(hours=hour))]
    assert keys == [
        "2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31", "2026-10-24", "2026-10-25", "2026-10-26", "2026-10-27",
    ]  # fmt: skip


def test_each_factory_has_a_plan_of_its_own():
    markets = [made.trade(), made.trade()]
    for market in markets:
        planning.buffer(market)
    assert {run.factory_id for run in plan(NOW)} == {market.maker.pk for market in markets}


def test_the_tasks_do_what_is_due_and_nothing_twice(shelf):
    market = made.trade()
    planning.buffer(market)
    planning.sold(market.products[0], [30] * 20)
    for _ in range(2):
        tasks.mark_stock_outs()
        tasks.forecast_week()
        tasks.plan_production()
        tasks.lapse_signals()
    assert StockOut.objects.count() == 1
    assert ForecastRun.objects.count() == 1
    assert PlanRun.objects.count() == 1
    # One asks to make, one is the outlook.
    assert ProductionSignal.objects.count() == 2
    assert {"forecasts", "production_plans", "demand_stock_outs", "production_signals_lapse"} <= set(
        SCHEDULES
    )
