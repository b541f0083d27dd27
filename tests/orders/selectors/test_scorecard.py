"""A factory reads how good its signals were: by hand on small figures."""

from datetime import timedelta
from decimal import Decimal

import pytest

from b2b.core import clock
from b2b.core.actor import acting_as, system
from orders.models import ForecastLine, ForecastRun, ProductionSignal, ProductionSignalLine
from orders.selectors import scorecard
from orders.services import production_plan, production_signal
from tests.factories import orders as made
from tests.factories import planning
from tests.factories.orders import NOW

pytestmark = pytest.mark.django_db
BY = system("test")
TODAY = NOW.date()


def card(market, **values):
    return scorecard.of_factory(market.factory_actor, market.maker.pk, today=TODAY, **values)


def forecast(product, ago, means):
    """Write what was expected so many weeks ago."""
    run = ForecastRun.objects.create(
        first_week_date=TODAY - timedelta(weeks=ago),
        horizon_weeks=len(means),
        history_weeks=1,
        created_at=NOW,
    )
    steps = [Decimal(mean) for mean in means]
    ForecastLine.objects.create(
        run=run, product=product, region="east", kind="SMOOTH", method="SIMPLE", mean=steps, p10=steps, p50=steps,
        p90=steps, lead_weeks=1, lead_mean=steps[0], lead_low=0, lead_high=1, error=0, naive_error=0, value_added=0,
        bias=0, tracking_signal=0,
    )  # fmt: skip


def test_nothing_is_known_at_first():
    market = made.trade()
    found = card(market)
    assert (found.accuracy, found.churn, found.bullwhip, found.answered, found.response_hours) == (
        [],
        None,
        None,
        0,
        None,
    )


def test_accuracy_and_bias_by_lag():
    market = made.trade()
    with acting_as(BY):
        product = market.products[0]
        planning.sold(product, [100, 50])
        forecast(product, 2, [110, 80, 70])
        forecast(product, 1, [40, 60])
    found = {one.weeks: (one.missed, one.bias) for one in card(market).accuracy}
    # Lag 0: 110 for 100 and 40 for 50; lag 1: 80 for 50. The week that is not over does not count.
    assert found == {0: (pytest.approx(20 / 150), 0), 1: (pytest.approx(30 / 50), pytest.approx(30 / 50))}


def test_churn_counts_what_was_told_otherwise_inside_the_fences():
    market = made.trade()
    with acting_as(BY):
        outlooks = []
        for number, quantities in enumerate(((100, 40, 9), (130, 40, 90))):
            signal = ProductionSignal.objects.create(
                number=f"PS-{number}", factory=market.maker, is_order=False, created_at=NOW, updated_at=NOW,
                supersedes=outlooks[-1] if outlooks else None,
            )  # fmt: skip
            outlooks.append(signal)
            ProductionSignalLine.objects.bulk_create(
                ProductionSignalLine(
                    signal=signal, factory=market.maker, line_number=week, product=market.products[0],
                    week_start_date=TODAY + timedelta(weeks=week), quantity=quantity, is_order=False,
                    commitment="FORECAST" if week == 3 else "MAKE",
                )
                for week, quantity in enumerate(quantities, start=1)
            )  # fmt: skip
    assert card(market).churn == pytest.approx(30 / 140)


def test_orders_that_vary_as_demand_does_have_a_bullwhip_of_one(shelf):
    market = made.trade()
    product = market.products[0]
    planning.buffer(market)
    with acting_as(BY):
        weekly = [10, 30, 10, 30]
        planning.sold(product, weekly)
        for number, quantity in enumerate(weekly):
            day = NOW - timedelta(weeks=4 - number)
            run = production_plan.PlanRun.objects.create(
                factory=market.maker, period_key=f"{number}", as_of_date=day.date(), created_at=day
            )
            signal = ProductionSignal.objects.create(
                number=f"PS-{number}", factory=market.maker, run=run, created_at=day, updated_at=day
            )
            ProductionSignalLine.objects.create(
                signal=signal, factory=market.maker, line_number=1, product=product, week_start_date=day.date(),
                quantity=quantity, commitment="FIRM",
            )  # fmt: skip
    assert card(market, weeks=4).bullwhip == pytest.approx(1)


def test_answers_are_timed_and_rivals_read_nothing(shelf):
    market = made.trade()
    planning.buffer(market)
    with acting_as(BY):
        production_plan.plan(market.maker.pk, period_key="p", by=BY, at=NOW)
        later = NOW + timedelta(hours=6)
        with clock.travel(later):
            production_signal.answer(
                ProductionSignal.objects.get(), committed={1: 9}, by=market.factory_actor, at=later
            )
    found = card(market)
    assert (found.answered, found.committed, found.response_hours) == (1, 1, 6.0)
    for stranger in (market.dealer_actor(), made.trade().factory_actor):
        assert scorecard.of_factory(stranger, market.maker.pk, today=TODAY) is None
    assert scorecard.of_factory(market.operator_actor, market.maker.pk, today=TODAY) is not None
