"""kill -9 of the worker and of its planner while a route plan is made: the plan ends cleanly and can be made again."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import psutil
import pytest
from django.db import connections

from b2b.core import clock
from b2b.core.actor import acting_as, system
from logistics import states
from logistics.models import RoutePlan, Trip
from logistics.services import plan_worker, route_plan
from tests.factories import directory
from tests.factories import logistics as make
from tests.support.eventually import eventually


@pytest.fixture
def asked(committed_db: str) -> RoutePlan:
    """Have a plan wait."""
    with acting_as(make.PLATFORM):
        return make.route_plan_of(directory.dealer(), directory.carrier())


def forked_worker() -> int:
    """Let another process work all plans; return its id."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        with acting_as(system("planner")) as platform:
            plan_worker.work_all(by=platform)
        os._exit(0)
    return child


def planner_of(worker: int) -> psutil.Process:
    """Return the planning process of a worker once it runs."""

    def running() -> list[psutil.Process]:
        return [one for one in psutil.Process(worker).children() if "plan_apart" in " ".join(one.cmdline())]

    eventually(running, seconds=30, every=0.01)
    return running()[0]


def test_a_killed_worker_leaves_a_plan_that_ends_and_can_be_made_again(asked: RoutePlan) -> None:
    worker = forked_worker()
    orphan = planner_of(worker)
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    eventually(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE, seconds=30)
    with acting_as(make.PLATFORM) as platform:
        assert RoutePlan.objects.get().status == states.RUNNING
        later = clock.now() + plan_worker.LOST_AFTER + timedelta(seconds=1)
        assert plan_worker.end_lost(by=platform, at=later) == 1
        assert (RoutePlan.objects.get().status, Trip.objects.count()) == (states.FAILED, 0)
        route_plan.again(asked.pk, by=platform, at=make.MORNING)
        plan_worker.work_all(by=platform)
        assert RoutePlan.objects.get().status == states.FOUND
        assert route_plan.accept(asked.pk, by=platform, at=make.MORNING).trips


def test_a_killed_planner_ends_the_plan_with_what_it_had(asked: RoutePlan) -> None:
    worker = forked_worker()
    planner_of(worker).kill()
    os.waitpid(worker, 0)
    with acting_as(make.PLATFORM) as platform:
        ended = RoutePlan.objects.get()
        assert ended.status in (states.FAILED, states.FOUND)
        assert (ended.status == states.FAILED) == bool(ended.fault)
        if ended.status == states.FAILED:
            route_plan.again(asked.pk, by=platform, at=make.MORNING)
            plan_worker.work_all(by=platform)
        assert RoutePlan.objects.get().status == states.FOUND
