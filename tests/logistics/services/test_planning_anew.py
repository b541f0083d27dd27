"""Planning anew keeps what is locked or has left, takes in what is new, and says what it changed."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.db import invariants
from logistics import states
from logistics.models import Drop, Shipment, Stop, Trip
from logistics.policies.changes import compare
from logistics.services import dispatch, trip
from tests.factories import directory
from tests.factories import logistics as make
from tests.logistics.support import OURS


def anew(world, platform, **values):
    proposal = dispatch.plan(
        world.warehouse.pk,
        by=platform,
        at=make.MORNING,
        day=make.MORNING.date(),
        seconds=0.5,
        anew=True,
        **values,
    )
    return proposal, dispatch.publish_plan(proposal, by=platform, at=make.MORNING)


def jobs(made):
    drops = Drop.objects.filter(trip=made, outcome="OPEN").order_by("stop__sequence", "pk")
    return [drop.shipment_id for drop in drops]


@pytest.fixture
def shops(world):
    """Five shops, each farther than the one before."""
    return [
        directory.site(world.dealer, latitude=f"30.{55 + 3 * row}0000", longitude="114.300000")
        for row in range(5)
    ]


def test_new_orders_join_a_trip_that_has_not_left(world, platform, shops):
    make.shipments(world.warehouse, [make.packed_unit(shops[0], world.product)])
    (first,) = make.planned(world.warehouse)
    make.shipments(world.warehouse, [make.packed_unit(shops[1], world.product)])
    proposal, made = anew(world, platform)
    (again,) = made.trips
    assert (again.pk, again.number, again.plan_version, again.version) == (first.pk, first.number, 2, 2)
    assert len(jobs(again)) == 2
    assert [len(part) for part in (compare(proposal.draft.before, proposal.plan).added,)] == [1]
    assert set(Shipment.objects.values_list("status", flat=True)) == {states.PLANNED}
    assert not invariants.check(OURS)


def test_locked_stops_stay_in_front_in_their_order(world, platform, shops):
    """The farthest first is no order a planner would choose."""
    made = [make.shipments(world.warehouse, [make.packed_unit(shop, world.product)])[0] for shop in shops]
    (before,) = make.planned(world.warehouse)
    backwards = [made[4], made[0]]
    proposal = dispatch.plan(
        world.warehouse.pk, by=platform, at=make.MORNING, day=make.MORNING.date(), seconds=0.5, anew=True
    )
    van = replace(proposal.draft.problem.vans[0], frozen=tuple((str(one.pk), "VISIT") for one in backwards))
    assert [str(one.pk) for one in backwards] != [call.job for call in proposal.plan.routes[0].calls[:2]]
    frozen = replace(proposal.draft, problem=replace(proposal.draft.problem, vans=(van,)))
    solved = dispatch.planner.solve(frozen.problem, seconds=0.5)
    dispatch.publish_plan(replace(proposal, draft=frozen, plan=solved), by=platform, at=make.MORNING)
    assert list(Stop.objects.filter(trip=before, is_locked=True).values_list("sequence", flat=True)) == [1, 2]
    assert jobs(before)[:2] == [one.pk for one in backwards]
    _, again = anew(world, platform)
    assert jobs(again.trips[0])[:2] == [one.pk for one in backwards]
    Stop.objects.update(is_locked=False)
    _, free = anew(world, platform)
    assert jobs(free.trips[0])[:2] != [one.pk for one in backwards]


def test_a_vehicle_that_drops_out_loses_its_trip_to_others(world, platform, shops):
    make.shipments(world.warehouse, [make.packed_unit(shops[0], world.product)])
    (first,) = make.planned(world.warehouse)
    spare = make.vehicle(world.other_carrier)
    proposal, made = anew(world, platform, without=[world.vehicle.pk])
    assert [trip.vehicle_id for trip in made.trips] == [spare.pk]
    assert Trip.objects.get(pk=first.pk).status == states.CANCELLED
    changes = compare(proposal.draft.before, proposal.plan)
    assert (len(changes.moved), changes.vans_dropped) == (1, (str(world.vehicle.pk),))
    assert Shipment.objects.get().carrier_id == world.other_carrier.pk
    assert not invariants.check(OURS)


def test_without_any_vehicle_what_was_planned_waits_again(world, platform, shops):
    make.shipments(world.warehouse, [make.packed_unit(shops[0], world.product)])
    make.planned(world.warehouse)
    _, made = anew(world, platform, without=[world.vehicle.pk])
    shipment = Shipment.objects.get()
    assert (made.trips, shipment.status, shipment.carrier_id) == ([], states.READY, None)
    assert not invariants.check(OURS)


def test_a_trip_that_left_stays_as_it_is(world, platform, shops):
    make.shipments(world.warehouse, [make.packed_unit(shops[0], world.product)])
    (gone,) = make.departed(world.warehouse)
    make.shipments(world.warehouse, [make.packed_unit(shops[1], world.product)])
    proposal, made = anew(world, platform)
    assert proposal.draft.standing == []
    assert made.trips[0].departs_at > gone.returns_at
    assert Trip.objects.get(pk=gone.pk).version == gone.version


def test_a_trip_that_left_meanwhile_makes_the_plan_outdated(world, platform, shops):
    make.shipments(world.warehouse, [make.packed_unit(shops[0], world.product)])
    (first,) = make.planned(world.warehouse)
    proposal = dispatch.plan(
        world.warehouse.pk, by=platform, at=make.MORNING, day=make.MORNING.date(), seconds=0.5, anew=True
    )
    trip.depart(first.pk, by=platform, at=make.MORNING)
    with pytest.raises(dispatch.PlanOutdated):
        dispatch.publish_plan(proposal, by=platform, at=make.MORNING)
    assert len(jobs(first)) == 1


def test_the_statements_do_not_grow_with_the_stops(world, platform, shops):
    def counted(more):
        for shop in more:
            make.shipments(world.warehouse, [make.packed_unit(shop, world.product)])
        with CaptureQueriesContext(
            connection,
        ) as queries:
            anew(world, platform)
        return len(queries)

    make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product)])
    make.planned(world.warehouse)
    few = counted(shops[:1])
    assert counted(shops[1:]) == few
