"""kill -9 while a factory is planned and while it commits: no signal is lost or there twice, nothing bought twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.outbox.models import OutboxEvent
from orders.models import (
    BufferSnapshot,
    PlanRun,
    ProductionSignal,
    PurchaseOrder,
    SignalCallOff,
    SignalReason,
)
from orders.services import production_plan, production_signal
from tests.factories import orders as made
from tests.factories import planning
from tests.factories.orders import NOW, Trade
from tests.faults.test_market_close import after_commit, before_commit, before_statement, run_and_kill
from tests.support.order_ports import Shelf, answered

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
BY = system("test")


@pytest.fixture
def market(committed_db: str) -> Iterator[Trade]:
    """Yield a factory whose two buffers lack something."""
    market = made.trade(products=2)
    for index in range(2):
        planning.buffer(market, index)
    shelf = Shelf({product.pk: 340 for product in market.products})
    with answered(None, shelf), acting_as(BY), clock.travel(NOW):
        yield market


def plan(market: Trade) -> Any:
    return production_plan.plan(market.maker.pk, period_key="p", by=BY, at=NOW)


def commit(market: Trade) -> Any:
    signal = ProductionSignal.objects.get(factory=market.maker)
    return production_signal.answer(signal, committed={1: 110, 2: 110}, by=market.factory_actor, at=NOW)


def traces() -> tuple[int, ...]:
    return (
        PlanRun.objects.count(), BufferSnapshot.objects.count(), ProductionSignal.objects.count(),
        SignalReason.objects.count(), PurchaseOrder.objects.count(), SignalCallOff.objects.count(),
        ProductionSignal.objects.filter(status="COMMITTED").count(), OutboxEvent.objects.count(),
    )  # fmt: skip


@pytest.mark.parametrize(("act", "least"), [(plan, 10), (commit, 15)])
def test_killed_at_any_step_all_of_it_happened_or_nothing(
    market: Trade, act: Callable[[Trade], Any], least: int
) -> None:
    if act is commit:
        plan(market)
    nothing, step = traces(), 1
    while run_and_kill(lambda: act(market), before_statement(step)):
        assert traces() == nothing, f"killed before statement {step}"
        step += 1
    assert step > least, "it takes more statements than that; was nothing counted?"
    # The last one was not killed: it has happened once, whoever asks again.
    once = traces()
    assert once != nothing
    plan(market)
    assert traces() == once


def test_killed_before_the_commit_nothing_happened_and_after_it_everything(market: Trade) -> None:
    nothing = traces()
    assert run_and_kill(lambda: plan(market), before_commit)
    assert traces() == nothing
    assert run_and_kill(lambda: plan(market), after_commit)
    once = traces()
    assert once[:4] == (1, 2, 1, 2)
    plan(market)
    assert traces() == once
