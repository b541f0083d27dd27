"""Rounds laid by hand are checked before they are saved, and saved only on the state they were laid on."""

import pytest

from b2b.core.errors import Invalid, NotFound
from b2b.db import invariants
from logistics import states
from logistics.models import Drop, Shipment, Stop, Trip
from logistics.policies import screening
from logistics.services import board, dispatch, plan_worker, route_plan
from logistics.services.board import Layout
from tests.factories import directory
from tests.factories import logistics as make
from tests.logistics.support import OURS

DAY = make.MORNING.date()


@pytest.fixture
def shops(world, platform):
    """Three shipments to three shops, the farther the later."""
    shops = [
        directory.site(world.dealer, latitude=f"30.{55 + 5 * row}0000", longitude="114.3") for row in range(3)
    ]
    return [make.shipments(world.warehouse, [make.packed_unit(shop, world.product)])[0] for shop in shops]


def lay(world, platform, *keys, locked=0):
    van = str(world.vehicle.pk)
    layout = Layout({van: [str(one.pk) for one in keys]}, {van: locked})
    return layout, board.lay(world.warehouse.pk, layout, by=platform, at=make.MORNING, day=DAY)


def save(world, platform, layout, stamp):
    return board.save(world.warehouse.pk, layout, stamp=stamp, by=platform, at=make.MORNING, day=DAY)


def test_rounds_laid_by_hand_become_trips_in_that_order(world, platform, shops):
    laid, seen = lay(world, platform, shops[2], shops[0], locked=1)
    assert (seen.findings, [entry.reason for entry in seen.plan.left_out]) == ([], [screening.WAITING])
    assert set(seen.simulated.outlooks) == {str(shops[2].pk), str(shops[0].pk)}
    assert not Trip.objects.exists()
    (made,) = save(world, platform, laid, seen.stamp).trips
    drops = Drop.objects.filter(trip=made).order_by("stop__sequence")
    assert [drop.shipment_id for drop in drops] == [shops[2].pk, shops[0].pk]
    assert [stop.is_locked for stop in Stop.objects.order_by("sequence")] == [True, False]
    again = board.read(world.warehouse.pk, by=platform, at=make.MORNING, day=DAY)
    assert [call.job for call in again.plan.routes[0].calls] == [str(shops[2].pk), str(shops[0].pk)]
    assert again.draft.problem.vans[0].frozen == ((str(shops[2].pk), "VISIT"),)
    assert not invariants.check(OURS)


def test_what_breaks_a_rule_is_said_before_saving_and_never_saved(world, platform, shops):
    world.vehicle.capacity_weight_g = 30_000
    world.vehicle.save()
    laid, seen = lay(world, platform, *shops)
    assert [one.kind for one in seen.findings] == ["OVERWEIGHT"]
    with pytest.raises(board.RulesBroken) as refused:
        save(world, platform, laid, seen.stamp)
    assert [problem.code for problem in refused.value.problems] == ["overweight"]
    assert not Trip.objects.exists()


def test_a_board_that_changed_meanwhile_is_not_overwritten(world, platform, shops):
    laid, seen = lay(world, platform, shops[0])
    make.planned(world.warehouse)
    with pytest.raises(dispatch.PlanOutdated):
        save(world, platform, laid, seen.stamp)


def test_taking_everything_off_calls_the_trip_off(world, platform, shops):
    make.planned(world.warehouse)
    seen = board.read(world.warehouse.pk, by=platform, at=make.MORNING, day=DAY)
    assert save(world, platform, Layout({}), seen.stamp).trips == []
    assert Trip.objects.get().status == states.CANCELLED
    assert set(Shipment.objects.values_list("status", flat=True)) == {states.READY}


def test_strangers_on_the_board_are_refused_by_name(world, platform, shops):
    for layout in (Layout({"0": [str(shops[0].pk)]}), Layout({str(world.vehicle.pk): ["nobody"]})):
        with pytest.raises(Invalid) as refused:
            board.lay(world.warehouse.pk, layout, by=platform, at=make.MORNING, day=DAY)
        assert all(problem.remedy for problem in refused.value.problems)
    with pytest.raises(NotFound):
        board.read(0, by=platform, at=make.MORNING, day=DAY)


def test_a_planner_goes_on_from_what_was_laid_and_keeps_its_locks(world, platform, shops):
    layout, _ = lay(world, platform, shops[2], locked=1)
    wish = board.wish(world.warehouse.pk, layout, by=platform, at=make.MORNING, day=DAY, seconds=1)
    asked = route_plan.ask(wish, by=platform, at=make.MORNING)
    plan_worker.work_all(by=platform)
    (made,) = route_plan.accept(asked.pk, by=platform, at=make.MORNING).trips
    drops = list(Drop.objects.filter(trip=made).order_by("stop__sequence"))
    assert (len(drops), drops[0].shipment_id) == (3, shops[2].pk)


def test_trips_on_the_road_are_shown_and_left_alone(world, platform, shops):
    make.departed(world.warehouse)
    make.seen(world.vehicle, latitude=30.52)
    seen = board.read(world.warehouse.pk, by=platform, at=make.MORNING, day=DAY)
    assert [(trip.vehicle, trip.latitude, len(trip.stops)) for trip in seen.under_way] == [
        (world.vehicle.code, 30.52, 3)
    ]
    assert not seen.plan.routes
