"""Route plans are asked for, worked apart, called off, worked again, and accepted as a whole."""

from datetime import timedelta

import pytest

from b2b.core import clock
from b2b.core.errors import Forbidden, Invalid
from b2b.core.machine import IllegalTransition
from b2b.db import invariants
from logistics import states
from logistics.models import RoutePlan, Shipment, Stop, Trip
from logistics.policies.problem import Plan
from logistics.services import dispatch, plan_worker, planner, route_plan
from tests.factories import directory
from tests.factories import logistics as make
from tests.logistics.support import OURS


@pytest.fixture
def waiting(world, platform):
    """Have a shipment for each of the two shops wait."""
    units = [make.packed_unit(place, world.product) for place in (world.shop, world.rival_shop)]
    return make.shipments(world.warehouse, units)


def work(platform):
    plan_worker.work_all(by=platform)
    return RoutePlan.objects.get()


def test_a_plan_that_was_found_becomes_trips_at_once(world, platform, waiting):
    asked = make.asked(world.warehouse)
    assert (asked.status, asked.shipments, asked.vehicles) == (states.QUEUED, 2, 1)
    found = work(platform)
    assert (found.status, found.percent, found.findings) == (states.FOUND, 100, [])
    assert found.curve[-1][2] == 0
    assert found.costs[-1]["cost"] > 0
    assert 0 < found.memory_mb <= 500
    assert set(found.changes["added"]) == {str(one.pk) for one in waiting}
    assert not Trip.objects.exists()
    made = route_plan.accept(found.pk, by=platform, at=make.MORNING)
    assert [trip.stops.count() for trip in made.trips] == [2]
    assert RoutePlan.objects.get().status == states.ACCEPTED
    stop = Stop.objects.get(sequence=2)
    assert (stop.leg_s > 0, stop.leg_m > 0, stop.service_s) == (True, True, 600)
    assert not invariants.check(OURS)


def test_a_plan_is_accepted_once_and_not_when_outdated(world, platform, waiting):
    first = make.asked(world.warehouse)
    work(platform)
    route_plan.accept(first.pk, by=platform, at=make.MORNING)
    with pytest.raises(IllegalTransition):
        route_plan.accept(first.pk, by=platform, at=make.MORNING)
    make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product)])
    second = make.asked(world.warehouse)
    plan_worker.work_all(by=platform)
    make.planned(world.warehouse)
    with pytest.raises(dispatch.PlanOutdated):
        route_plan.accept(second.pk, by=platform, at=make.MORNING)


def test_what_cannot_be_planned_is_said_with_a_remedy(world, platform):
    def codes():
        with pytest.raises(Invalid) as refused:
            make.asked(world.warehouse)
        assert all(problem.remedy for problem in refused.value.problems)
        return [problem.code for problem in refused.value.problems]

    assert codes() == ["nothing_waits"]
    nowhere = directory.site(world.dealer, latitude="0", longitude="0")
    make.shipments(world.warehouse, [make.packed_unit(nowhere, world.product)])
    assert codes() == ["nothing_waits"]
    make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product)])
    world.vehicle.shift_start, world.vehicle.shift_end = "01:00", "02:00"
    world.vehicle.save()
    with pytest.raises(Invalid) as refused:
        make.asked(world.warehouse, day=make.MORNING.date())
    assert [problem.code for problem in refused.value.problems] == ["no_shift_left"]
    world.vehicle.is_active = False
    world.vehicle.save()
    assert codes() == ["no_fleet"]


def test_a_place_without_coordinates_is_left_out_by_name(world, platform, waiting):
    nowhere = directory.site(world.dealer, latitude="0", longitude="0")
    (lost,) = make.shipments(world.warehouse, [make.packed_unit(nowhere, world.product)])
    make.asked(world.warehouse)
    made = route_plan.accept(work(platform).pk, by=platform, at=make.MORNING)
    assert [(left.pk, reason) for left, reason in made.left_out] == [(lost.pk, "NO_PLACE")]


def test_only_the_operator_asks(world, waiting):
    with pytest.raises(Forbidden):
        route_plan.ask(route_plan.Wish(world.warehouse.pk), by=world.as_carrier, at=make.MORNING)


def test_a_plan_called_off_at_work_stops_its_planner(world, platform, waiting, monkeypatch):
    asked = make.asked(world.warehouse)
    monkeypatch.setattr(plan_worker, "EACH_S", 0.0)
    told = []

    def solve(problem, *, listener, **_):
        route_plan.cancel(asked.pk, by=platform, at=clock.now())
        told.append(listener.alive())
        raise planner.CalledOff

    monkeypatch.setattr(planner, "solve_apart", solve)
    assert (work(platform).status, told) == (states.CANCELLED, [False])


def test_a_planner_that_breaks_is_told_and_can_be_asked_again(world, platform, waiting, monkeypatch):
    make.asked(world.warehouse)
    with monkeypatch.context() as broken:
        broken.setattr(planner, "AT_ONCE_LIMIT_S", 0.0)
        broken.setattr(planner, "GRACE_S", 0.0)
        broken.setattr(planner.sys, "executable", "/bin/false")
        failed = work(platform)
    assert failed.status == states.FAILED
    assert failed.fault
    route_plan.again(failed.pk, by=platform, at=make.MORNING)
    assert work(platform).status == states.FOUND


def test_a_plan_that_breaks_rules_is_thrown_away(world, platform, waiting, monkeypatch):
    make.asked(world.warehouse)
    monkeypatch.setattr(planner, "solve_apart", lambda problem, **_: Plan())
    thrown = work(platform)
    assert (thrown.status, thrown.plan) == (states.FAILED, None)
    assert any(finding.startswith("JOB_LOST") for finding in thrown.findings)


def test_a_worker_that_was_lost_writes_nothing_any_more(world, platform, waiting):
    make.asked(world.warehouse)
    claimed = plan_worker.claim(by=platform, at=make.MORNING)
    assert plan_worker.claim(by=platform, at=make.MORNING) is None
    assert plan_worker.end_lost(by=platform, at=make.MORNING + plan_worker.LOST_AFTER) == 0
    late = make.MORNING + plan_worker.LOST_AFTER + timedelta(seconds=1)
    assert plan_worker.end_lost(by=platform, at=late) == 1
    assert RoutePlan.objects.get().fault == plan_worker.LOST
    route_plan.again(claimed.pk, by=platform, at=make.MORNING)
    other = plan_worker.claim(by=platform, at=clock.now())
    plan_worker.work(claimed, by=platform)
    assert RoutePlan.objects.get().status == states.RUNNING
    plan_worker.work(other, by=platform)
    assert RoutePlan.objects.get().status == states.FOUND


def test_pallets_limit_what_a_vehicle_takes(world, platform):
    world.vehicle.capacity_pallets = 2
    world.vehicle.save()
    on = {"kind": "CARTON", "pallet_sscc": "100000000000000017"}
    units = [make.packed_unit(world.shop, world.product, **on) for _ in range(2)]
    units += [make.packed_unit(world.shop, world.product, kind="PALLET", sscc="100000000000000024")]
    units += [make.packed_unit(world.shop, world.product)]
    (two,) = make.shipments(world.warehouse, units)
    assert Shipment.objects.get(pk=two.pk).pallets == 2
    one = make.packed_unit(world.rival_shop, world.product, kind="PALLET", sscc="100000000000000031")
    make.shipments(world.warehouse, [one])
    make.asked(world.warehouse)
    made = route_plan.accept(work(platform).pk, by=platform, at=make.MORNING)
    assert len(made.left_out) == 1
    assert [trip.pallets for trip in made.trips] in ([2], [1])
