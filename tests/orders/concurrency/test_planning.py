"""Eight processes plan one factory at once: one set of signals."""

import os
import traceback
from multiprocessing import get_context

import pytest
from django.db import connections

from b2b.core import clock
from b2b.core.actor import acting_as, system
from orders.models import PlanRun, ProductionSignal, ProductionSignalLine
from orders.services import production_plan
from tests.factories import orders as made
from tests.factories import planning
from tests.factories.orders import NOW
from tests.support.order_ports import Shelf, answered

PROCESSES = 8


def _plan(factory_id, key, shelf):
    for connection in connections.all(initialized_only=True):
        connection.connection = None  # the parent's, not ours to close
    try:
        with answered(None, shelf), acting_as(system("test")), clock.travel(NOW):
            production_plan.plan(factory_id, period_key=key, by=system("test"), at=NOW)
    except BaseException:  # noqa: BLE001 - a child of a test must end here, whatever it was
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


@pytest.mark.parametrize("keys", [["same"] * PROCESSES, [f"key {index}" for index in range(PROCESSES)]])
def test_eight_processes_give_one_set_of_signals(committed_db, keys):
    shelf = Shelf()
    with acting_as(system("test")):
        market = made.trade(products=5)
        for index in range(5):
            planning.buffer(market, index)
            shelf.free[market.products[index].pk] = 340
        connections.close_all()
        context = get_context("fork")
        running = [context.Process(target=_plan, args=(market.maker.pk, key, shelf)) for key in keys]
        for process in running:
            process.start()
        for process in running:
            process.join(60)
        assert [process.exitcode for process in running] == [0] * PROCESSES
        assert PlanRun.objects.count() == len(set(keys))
        assert ProductionSignal.objects.count() == 1
        assert list(ProductionSignalLine.objects.values_list("quantity", flat=True)) == [110] * 5
