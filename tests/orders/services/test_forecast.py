"""A week is forecast once from the demand of the weeks before it."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.errors import Forbidden
from orders.models import DemandBucket, ForecastLine, ForecastRun, StockOut
from orders.selectors import demand as selectors
from orders.services import forecast
from tests.factories import orders as made
from tests.factories.orders import NOW

pytestmark = pytest.mark.django_db
BY = system("test")
MONDAY = date(2026, 11, 23)


def sold(product, weekly, *, region="east", until=MONDAY):
    """Let so much have been asked for in the weeks before Monday, all on Wednesdays."""
    DemandBucket.objects.bulk_create(
        DemandBucket(
            product=product, region=region, on_date=until - timedelta(weeks=len(weekly) - index) + timedelta(days=2),
            ordered=quantity,
        )
        for index, quantity in enumerate(weekly)
        if quantity
    )  # fmt: skip


def test_weeks_begin_with_the_first_demand_and_stock_outs_are_unknown():
    market = made.trade(products=2)
    first, second = market.products
    sold(first, [4, 0, 6])
    sold(second, [5] * 8)
    for day in range(4):
        StockOut.objects.create(product=second, on_date=MONDAY - timedelta(weeks=2) + timedelta(days=day))
    StockOut.objects.create(product=second, on_date=MONDAY - timedelta(weeks=1))
    history = selectors.weekly(until=MONDAY, weeks=10)
    assert history.products == [first.pk, second.pk]
    np.testing.assert_equal(history.panel[0], [np.nan] * 7 + [4, 0, 6])
    np.testing.assert_allclose(history.panel[1], [np.nan] * 2 + [5] * 6 + [np.nan, 5 * 7 / 6])


def test_a_run_tells_weeks_range_method_and_errors_once():
    market = made.trade()
    product = market.products[0]
    weekly = list(np.random.default_rng(4).poisson(40, 60))
    sold(product, weekly)
    run = forecast.run(by=BY, at=NOW)
    assert forecast.run(by=BY, at=NOW + timedelta(days=3)) == run
    assert run.first_week_date == MONDAY
    [line] = ForecastLine.objects.all()
    assert (line.kind, line.method, line.region) == ("SMOOTH", "COMBINATION", "east")
    assert len(line.mean) == len(line.p90) == run.horizon_weeks
    assert line.mean[0] == pytest.approx(Decimal(40), abs=6)
    assert line.p10[0] < line.p50[0] < line.p90[0]
    assert line.lead_weeks == 2
    assert line.lead_low < line.lead_mean < line.lead_high
    assert line.naive_error > line.error > 0
    assert line.value_added == pytest.approx(1 - line.error / line.naive_error, abs=Decimal("0.001"))


def test_the_next_week_is_a_run_of_its_own():
    market = made.trade()
    sold(market.products[0], [10] * 20)
    forecast.run(by=BY, at=NOW)
    with clock.travel(NOW + timedelta(days=7)):
        forecast.run(by=BY, at=NOW + timedelta(days=7))
    assert ForecastRun.objects.count() == 2
    # The week without demand was one of no demand.
    latest = ForecastLine.objects.order_by("-run__first_week_date").first()
    assert latest.mean[0] < 10


def test_without_demand_nothing_is_expected():
    assert forecast.run(by=BY, at=NOW).lines.count() == 0


def test_only_the_operator_forecasts_and_reads():
    market = made.trade()
    sold(market.products[0], [10] * 20)
    with acting_as(market.dealer_actor()), pytest.raises(Forbidden):
        forecast.run(by=market.dealer_actor(), at=NOW)
    forecast.run(by=BY, at=NOW)
    with acting_as(market.factory_actor):
        assert not selectors.forecasts(market.factory_actor).exists()
        assert not ForecastLine.objects.exists()


def test_the_number_of_statements_does_not_grow_with_the_products():
    counts = []
    for products, at in ((2, NOW), (30, NOW + timedelta(days=7))):
        market = made.trade(products=products)
        for product in market.products:
            sold(product, [3] * 20, until=at.date())
        with clock.travel(at), CaptureQueriesContext(connection) as caught:
            forecast.run(by=BY, at=at)
        counts.append(len(caught))
    assert counts[0] == counts[1]
