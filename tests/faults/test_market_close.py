"""A process that closes a cycle is killed before each of its statements in turn, before its commit, and after it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from b2b.catalog.models import Product
from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.db import invariants
from b2b.outbox.dispatch import drain
from b2b.outbox.models import OutboxEvent
from orders.models import OrderCycle, OrderLine, ProductionSignal, PurchaseOrder, SavingsStatement
from orders.services import order_cycle
from tests.factories import orders as make
from tests.flows.chain import Chain

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
BY = system("test")
SURVIVED = 0
FACTORIES = 2


@pytest.fixture
def cycle(committed_db: str) -> Iterator[OrderCycle]:
    """Yield a cycle past its cut-off in which two dealers want three products of two factories."""
    trade = make.trade(products=2)
    chain = Chain.of(trade)
    other = make.trade(products=1, buyers=trade.dealers)
    other.shops = trade.shops
    with acting_as(BY):
        Product.objects.update(category="tea")
        opened = order_cycle.open(
            category="tea", warehouse=trade.warehouse, opens_at=make.NOW,
            cutoff_at=make.NOW + timedelta(days=1), by=BY, at=make.NOW,
        )  # fmt: skip
    for dealer in (0, 1):
        make.order(trade, [30, 50], dealer=dealer)
        make.order(other, [70], dealer=dealer)
    with acting_as(BY), clock.travel(opened.cutoff_at):
        drain()
        assert chain.carrier.pk
        yield opened


def close(cycle: OrderCycle) -> list[PurchaseOrder]:
    return order_cycle.close(cycle, by=BY, at=cycle.cutoff_at)


def killed_at(cycle: OrderCycle, arm: Callable[[], None]) -> bool:
    """Close the cycle in a process of its own that `arm` has prepared to be killed; tell whether it was."""
    return run_and_kill(lambda: close(cycle), arm)


def run_and_kill(act: Callable[[], object], arm: Callable[[], None]) -> bool:
    """Do something in a process of its own that `arm` has prepared to be killed; tell whether it was."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            arm()
            act()
            os._exit(SURVIVED)
        finally:
            os._exit(3)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (SURVIVED, -signal.SIGKILL), code
    return code != SURVIVED


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before_statement(number: int) -> Callable[[], None]:
    """Return what kills the process before its statement `number`, counted from 1."""
    seen = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == number:
            die()
        return execute(sql, params, many, context)

    return lambda: connection.execute_wrappers.append(count)


def before_commit() -> None:
    connection.connect()
    connection.connection.commit = die


def after_commit() -> None:
    connection.connect()
    commit = connection.connection.commit

    def then_die() -> None:
        commit()
        die()

    connection.connection.commit = then_die


def traces(cycle: OrderCycle) -> dict[str, int]:
    """Count what a close leaves behind."""
    return {
        "purchase orders": PurchaseOrder.objects.filter(cycle=cycle).count(),
        "savings statements": SavingsStatement.objects.filter(cycle=cycle).count(),
        "signals": ProductionSignal.objects.count(),
        "pooled lines": OrderLine.objects.filter(pooled__gt=0).count(),
        "facts": OutboxEvent.objects.exclude(topic="orders.order.confirmed.v1").count(),
        "closed": OrderCycle.objects.filter(pk=cycle.pk).exclude(status="OPEN").count(),
    }


NOTHING = dict.fromkeys(
    ("purchase orders", "savings statements", "signals", "pooled lines", "facts", "closed"), 0
)


def test_killed_at_any_step_a_close_has_happened_whole_or_not_at_all(cycle: OrderCycle) -> None:
    step = 1
    while killed_at(cycle, before_statement(step)):
        assert traces(cycle) == NOTHING, f"killed before statement {step}"
        step += 1
    assert step > 20, "a close takes more statements than that; was nothing counted?"
    once = traces(cycle)
    assert once["purchase orders"] == once["signals"] == FACTORIES
    assert close(cycle) == list(PurchaseOrder.objects.filter(cycle=cycle).order_by("number"))
    assert traces(cycle) == once
    _has_its_effects()


def test_killed_before_the_commit_nothing_happened_and_after_it_everything(cycle: OrderCycle) -> None:
    assert killed_at(cycle, before_commit)
    assert traces(cycle) == NOTHING
    assert killed_at(cycle, after_commit)
    once = traces(cycle)
    assert once["purchase orders"] == once["signals"] == FACTORIES
    assert close(cycle) == list(PurchaseOrder.objects.filter(cycle=cycle).order_by("number"))
    assert traces(cycle) == once
    _has_its_effects()


def _has_its_effects() -> None:
    """Every fact the killed process told is still worked off."""
    drain()
    assert not invariants.check()
