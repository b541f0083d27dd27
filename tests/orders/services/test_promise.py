"""What may be promised: stock, what comes, then what a factory can make; never the same goods twice."""

from datetime import timedelta

import pytest

from b2b.core.actor import acting_as, system
from b2b.core.errors import Forbidden, Invalid
from orders.models import ProductionSignal, SupplyPromise
from orders.services import production_plan, production_signal, promise
from tests.factories import orders as made
from tests.factories import planning
from tests.factories.orders import NOW

pytestmark = pytest.mark.django_db
BY = system("test")
TODAY = NOW.date()


def ask(market, quantity, days=0, *, dealer=0, at=NOW, **values):
    return promise.ask(
        market.products[0],
        quantity,
        by_date=TODAY + timedelta(days=days),
        by=market.dealer_actor(dealer),
        at=at,
        **values,
    )


def test_stock_first_then_what_a_factory_makes_after_its_lead_time(shelf):
    market = made.trade()
    shelf.free[market.products[0].pk] = 30
    assert (ask(market, 30).available, ask(market, 30).by_date) == (30, TODAY)
    more = ask(market, 31)
    assert (more.available, more.by_date) == (30, TODAY + timedelta(days=7))


def test_what_waits_for_goods_is_promised_already(shelf):
    market = made.trade()
    shelf.free[market.products[0].pk] = 30
    made.order(market, [20], told={"need_by_date": (TODAY + timedelta(days=3)).isoformat()})
    # Today's stock is needed in three days.
    assert ask(market, 30).available == 10
    assert ask(market, 30, 5).available == 10


def test_a_promise_is_kept_from_others_until_its_time_is_over(shelf):
    market = made.trade()
    shelf.free[market.products[0].pk] = 30
    held = ask(market, 25, hold=True)
    assert held.promise.expires_at == NOW + promise.HOLD
    assert ask(market, 10, dealer=1).available == 5
    later = NOW + promise.HOLD
    assert ask(market, 10, dealer=1, at=later).available == 10
    assert promise.lapse(at=later) == 1
    assert not SupplyPromise.objects.exists()


def test_what_a_factory_committed_to_can_be_promised_when_it_comes(shelf):
    market = made.trade()
    planning.buffer(market)
    shelf.free[market.products[0].pk] = 340
    production_plan.plan(market.maker.pk, period_key="p", by=BY, at=NOW)
    signal = ProductionSignal.objects.get()
    assert ask(market, 400, 60).available == 340
    production_signal.answer(signal, committed={1: 50}, by=market.factory_actor, at=NOW)
    assert ask(market, 400, 60).available == 390
    assert ask(market, 400, 1).available == 340


def test_full_weeks_of_a_factory_push_the_day(shelf):
    market = made.trade()
    source = made.source_of(market, 0)
    source.weekly_capacity = 100
    source.save()
    # Monday is today: the week after has room for 100, the one after that for another 100.
    assert ask(market, 100).by_date == TODAY + timedelta(days=13)
    assert ask(market, 101).by_date == TODAY + timedelta(days=20)
    assert ask(market, 10_000).by_date is None


def test_nonsense_is_refused(shelf):
    market = made.trade()
    with pytest.raises(Invalid):
        ask(market, 0)
    with pytest.raises(Invalid):
        ask(market, 1, -1)
    with pytest.raises(Forbidden):
        promise.ask(market.products[0], 1, by_date=TODAY, by=BY, at=NOW, hold=True)


def test_a_promise_is_its_dealers_own(shelf):
    market = made.trade()
    shelf.free[market.products[0].pk] = 30
    ask(market, 5, hold=True)
    with acting_as(market.dealer_actor(0)):
        assert SupplyPromise.objects.count() == 1
    with acting_as(market.dealer_actor(1)):
        assert not SupplyPromise.objects.exists()
