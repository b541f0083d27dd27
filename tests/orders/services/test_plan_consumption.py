"""Orders replace the forecast of their weeks; which order took which week's is kept with the last plan."""

from datetime import timedelta

import pytest

from b2b.core.actor import acting_as, system
from orders.models import ForecastConsumption, ProductionSignalLine, SignalTerms
from orders.services import forecast
from tests.factories import orders as made
from tests.factories import planning
from tests.factories.orders import NOW
from tests.orders.services.test_production_plan import plan

pytestmark = pytest.mark.django_db
BY = system("test")


@pytest.fixture
def market(shelf):
    market = made.trade()
    planning.sold(market.products[0], [70] * 30)
    forecast.run(by=BY, at=NOW)
    return market


def need(market, quantity, weeks, **told):
    day = (NOW + timedelta(weeks=weeks)).date()
    return made.order(market, [quantity], told={"need_by_date": day.isoformat()}, **told)


def taken(market):
    """(week asked for, week taken, quantity), weeks counted from this one."""
    monday = NOW.date() - timedelta(days=NOW.weekday())
    return [
        ((asked - monday).days // 7, None if week is None else (week - monday).days // 7, quantity)
        for asked, week, quantity in ForecastConsumption.objects.order_by("pk").values_list(
            "asked_week_date", "week_start_date", "quantity"
        )
    ]


def outlook():
    return dict(
        ProductionSignalLine.objects.filter(is_order=False).values_list("week_start_date", "quantity")
    )


def test_an_order_takes_its_own_week_first_then_earlier_then_later_ones(market):
    need(market, 150, 6)
    plan(market)
    assert taken(market) == [(6, 6, 70), (6, 5, 70), (6, 4, 10)]
    weeks = outlook()
    monday = NOW.date() - timedelta(days=NOW.weekday())
    assert [weeks.get(monday + timedelta(weeks=week), 0) for week in (4, 5, 6, 7)] == [60, 0, 0, 70]


def test_the_next_plan_writes_it_anew_and_what_is_beyond_all_forecast_is_told(market):
    SignalTerms.objects.create(factory=market.maker, consume_back_weeks=1, consume_forward_weeks=0)
    need(market, 200, 6)
    plan(market)
    first = taken(market)
    assert first == [(6, 6, 70), (6, 5, 70), (6, None, 60)]
    plan(market, "again")
    assert taken(market) == first
    assert ForecastConsumption.objects.values("run").distinct().count() == 1


def test_what_orders_take_is_the_operators_to_read(market):
    need(market, 10, 6)
    plan(market)
    for actor, count in ((market.operator_actor, 1), (market.factory_actor, 0), (market.dealer_actor(), 0)):
        with acting_as(actor):
            assert ForecastConsumption.objects.count() == count
