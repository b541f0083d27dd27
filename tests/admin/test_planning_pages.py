"""The operator sees buffers in their colours, plans with exceptions, and forecasts beside what came."""

from __future__ import annotations

import pytest

from b2b.admin import cells
from b2b.core import clock
from b2b.core.actor import acting_as
from orders.models import BufferSnapshot, ForecastLine, PlanRun
from orders.selectors import planning as planning_selectors
from orders.services import forecast, production_plan
from tests.admin.test_day import Desk
from tests.factories import orders as made
from tests.factories import planning
from tests.support.order_ports import Shelf, answered
from tests.support.trade_day import TEST, open_market


@pytest.fixture
def desk(db: None) -> Desk:
    open_market()
    market, now = made.trade(), clock.now()
    planning.buffer(market)
    planning.sold(market.products[0], [70] * 30, until=now.date())
    with answered(None, Shelf({market.products[0].pk: 20})), acting_as(TEST):
        forecast.run(by=TEST, at=now)
        production_plan.plan(market.maker.pk, period_key="p", by=TEST, at=now)
    return Desk("operator", "operator")


def page(desk: Desk, model: str, *key: object) -> str:
    return desk.page(f"orders_{model}_{'change' if key else 'changelist'}", *key)


def test_buffers_are_shown_in_their_colours_with_a_picture(desk: Desk) -> None:
    assert "Dark red" in page(desk, "buffersnapshot")
    with acting_as(TEST):
        shot = BufferSnapshot.objects.get()
    shown = page(desk, "buffersnapshot", shot.pk)
    assert "<svg" in shown
    assert "net flow 20 of 450" in shown
    assert "Demand that counts" in shown


def test_a_plan_shows_its_weeks_and_exceptions(desk: Desk) -> None:
    with acting_as(TEST):
        run = PlanRun.objects.get()
        weeks = planning_selectors.weeks_of(TEST, run.factory_id, since=run.as_of_date)
    assert max(week.asked for week in weeks) >= 430
    shown = page(desk, "planrun", run.pk)
    assert "Weeks of the factory" in shown
    assert all(cells.quantity(week.asked) in shown for week in weeks)
    assert "Nothing that was committed to should change." in shown


def test_a_forecast_is_drawn_beside_what_came(desk: Desk) -> None:
    with acting_as(TEST):
        line = ForecastLine.objects.get()
    assert "Smoothing and Theta" in page(desk, "forecastline")
    shown = page(desk, "forecastline", line.pk)
    assert "stroke-dasharray" in shown
    assert str(line.mean[0]) in shown
