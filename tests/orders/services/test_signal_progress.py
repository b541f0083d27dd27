"""A signal goes from proposal to the last piece, or lapses; nobody skips a step."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from b2b.contracts.orders import ProductionSignalRaised
from b2b.core.actor import system
from b2b.core.errors import Forbidden, Invalid
from orders.models import ProductionSignal, SignalTerms
from orders.services import production_signal, signal_progress
from tests.factories import orders as made
from tests.factories import planning
from tests.factories.orders import NOW
from tests.orders.services.steps import told
from tests.orders.services.test_production_plan import asked, plan, stock

pytestmark = pytest.mark.django_db
BY = system("test")


def test_the_life_of_a_signal_from_proposal_to_the_last_piece(shelf):
    market = made.trade()
    SignalTerms.objects.create(factory=market.maker, is_automatic=False, is_bought=False)
    planning.buffer(market)
    stock(market, shelf, 340)
    plan(market)
    [signal] = ProductionSignal.objects.all()
    assert signal.status == "PROPOSED"
    assert not told(ProductionSignalRaised)
    with pytest.raises(Forbidden):
        signal_progress.approve(signal, by=market.factory_actor, at=NOW)
    signal_progress.approve(signal, by=market.operator_actor, at=NOW)
    production_signal.acknowledge(signal, by=market.factory_actor, at=NOW)
    production_signal.answer(signal, committed={1: 100}, by=market.factory_actor, at=NOW)
    signal_progress.tell(signal, "produce", by=market.factory_actor, at=NOW)
    signal_progress.tell(signal, "ship", by=market.factory_actor, at=NOW)
    with pytest.raises(Invalid):
        signal_progress.take_in(signal, received={1: 101}, by=BY, at=NOW)
    signal_progress.take_in(signal, received={1: 60}, by=BY, at=NOW)
    done = signal_progress.take_in(signal, received={1: 40}, by=BY, at=NOW)
    assert done.status == "FULFILLED"
    with pytest.raises(DatabaseError), transaction.atomic():
        ProductionSignal.objects.filter(pk=signal.pk).update(status="PROPOSED")


def test_a_signal_nobody_answers_lapses_and_is_asked_for_again(shelf):
    market = made.trade()
    planning.buffer(market)
    stock(market, shelf, 340)
    plan(market)
    assert signal_progress.expire_overdue(by=BY, at=NOW + timedelta(hours=47)) == 0
    assert signal_progress.expire_overdue(by=BY, at=NOW + timedelta(hours=49)) == 1
    plan(market, "again")
    assert asked() == [110, 110]
