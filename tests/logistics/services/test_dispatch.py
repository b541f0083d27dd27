"""Plans are verified, published once, and refuse what cannot be driven."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core.errors import Forbidden, NotFound
from b2b.core.ids import uuid7
from b2b.db import invariants
from logistics import states
from logistics.models import Drop, Shipment, Stop, Trip
from logistics.policies import screening
from logistics.policies.problem import Plan
from logistics.services import dispatch, trip
from tests.factories import directory
from tests.factories import logistics as make
from tests.logistics.support import OURS


def load(world, **values):
    """Have a shipment for each of the two shops wait."""
    units = [make.packed_unit(place, world.product, **values) for place in (world.shop, world.rival_shop)]
    return make.shipments(world.warehouse, units)


def propose(world, platform, **values):
    return dispatch.plan(world.warehouse.pk, by=platform, at=make.MORNING, seconds=0.5, **values)


def test_a_plan_becomes_a_trip_with_stops_in_order(world, platform):
    load(world)
    (made,) = make.planned(world.warehouse)
    stops = list(Stop.objects.filter(trip=made).order_by("sequence"))
    assert [stop.sequence for stop in stops] == [1, 2]
    assert stops[0].planned_arrival_at < stops[1].planned_arrival_at < made.returns_at
    assert made.departs_at >= make.MORNING
    assert made.number == f"TR-{world.carrier.code}-000001"
    assert set(Shipment.objects.values_list("status", "carrier_id")) == {(states.PLANNED, world.carrier.pk)}
    assert Drop.objects.filter(trip=made).count() == 2
    assert not invariants.check(OURS)


def test_shipments_to_one_place_share_a_stop(world, platform):
    load(world)
    make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product)])
    (made,) = make.planned(world.warehouse)
    assert sorted(stop.drops.count() for stop in made.stops.all()) == [1, 2]


def test_the_vehicle_prices_a_trip_without_a_tariff(world, platform):
    load(world)
    (made,) = make.planned(world.warehouse)
    expected = made.distance_m * 3.5 / 1_000 + made.duration_s * 40 / 3_600
    assert float(made.cost) == pytest.approx(expected, abs=0.006)


def test_the_tariff_of_the_zone_prices_a_trip(world, platform):
    make.tariff(world.carrier, minimum="100")
    make.tariff(world.carrier, zone="hubei", base="250")
    make.tariff(world.carrier, zone="hunan", base="999")
    load(world)
    (made,) = make.planned(world.warehouse)
    assert made.cost == 250


@pytest.mark.parametrize(
    ("values", "reason"),
    [({"weight_g": 2_000_001}, screening.TOO_HEAVY), ({"volume_cm3": 10_000_001}, screening.TOO_LARGE)],
)
def test_what_no_vehicle_can_take_is_left_out_with_the_reason(world, platform, values, reason):
    (made,) = make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product, **values)])
    answer = dispatch.publish_plan(propose(world, platform), by=platform, at=make.MORNING)
    assert (answer.trips, [(left.pk, why) for left, why in answer.left_out]) == ([], [(made.pk, reason)])
    assert Shipment.objects.get().status == states.READY


def test_a_shop_too_far_for_the_shift_is_left_out(world, platform):
    far = directory.site(world.dealer, latitude="39.900000", longitude="116.400000")
    make.shipments(world.warehouse, [make.packed_unit(far, world.product)])
    assert [entry.reason for entry in propose(world, platform).plan.left_out] == [screening.OUT_OF_REACH]


def test_a_full_fleet_leaves_the_rest_for_the_next_plan(world, platform):
    load(world, weight_g=1_500_000)
    make.planned(world.warehouse)
    assert sorted(Shipment.objects.values_list("status", flat=True)) == [states.PLANNED, states.READY]


def test_a_vehicle_that_is_out_starts_its_next_trip_after_it_is_back(world, platform):
    load(world)
    (first,) = make.planned(world.warehouse)
    load(world)
    (second,) = make.planned(world.warehouse)
    assert second.departs_at >= first.returns_at + timedelta(minutes=30)
    assert not invariants.check(OURS)


def test_in_the_evening_the_plan_is_for_tomorrow(world, platform):
    load(world)
    evening = make.MORNING + timedelta(hours=8)
    (made,) = make.planned(world.warehouse, at=evening)
    assert made.departs_at > evening + timedelta(hours=8)


def test_a_plan_published_twice_is_refused(world, platform):
    load(world)
    proposal = propose(world, platform)
    dispatch.publish_plan(proposal, by=platform, at=make.MORNING)
    with pytest.raises(dispatch.PlanOutdated):
        dispatch.publish_plan(proposal, by=platform, at=make.MORNING)
    assert Trip.objects.count() == 1


def test_a_shipment_that_grew_since_makes_the_plan_outdated(world, platform):
    wave = uuid7()
    make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product)], wave_id=wave)
    proposal = propose(world, platform)
    make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product)], wave_id=wave)
    with pytest.raises(dispatch.PlanOutdated):
        dispatch.publish_plan(proposal, by=platform, at=make.MORNING)


def test_a_vehicle_taken_since_makes_the_plan_outdated(world, platform):
    load(world)
    elsewhere = directory.warehouse(latitude="30.500000", longitude="114.300000")
    make.shipments(elsewhere, [make.packed_unit(world.shop, world.product)])
    proposal = propose(world, platform)
    make.planned(elsewhere)
    with pytest.raises(dispatch.PlanOutdated):
        dispatch.publish_plan(proposal, by=platform, at=make.MORNING)


def test_no_plan_passes_without_the_verifier(world, platform):
    load(world)

    def forgetful(problem, *, seconds, report=None):
        return Plan()

    with pytest.raises(dispatch.InvalidPlan):
        propose(world, platform, solver=forgetful)
    good = propose(world, platform)
    with pytest.raises(dispatch.InvalidPlan):
        dispatch.publish_plan(replace(good, plan=Plan()), by=platform, at=make.MORNING)
    assert not Trip.objects.exists()


def test_only_the_operator_plans_and_only_at_a_warehouse(world, platform):
    with pytest.raises(Forbidden):
        dispatch.plan(world.warehouse.pk, by=world.as_carrier, at=make.MORNING)
    with pytest.raises(NotFound):
        dispatch.plan(world.shop.pk, by=platform, at=make.MORNING)


def test_a_trip_called_off_gives_its_shipments_back(world, platform):
    load(world)
    (made,) = make.planned(world.warehouse)
    trip.cancel(made.pk, by=platform, at=make.MORNING, reason="snow")
    assert set(Shipment.objects.values_list("status", "carrier_id")) == {(states.READY, None)}
    (again,) = make.planned(world.warehouse)
    assert again.pk != made.pk
    assert not invariants.check(OURS)


def test_the_number_of_statements_does_not_grow_with_shipments(world, platform):
    def count(number):
        for _ in range(number):
            load(world, weight_g=1_000, volume_cm3=1_000)
        proposal = propose(world, platform)
        with CaptureQueriesContext(connection) as queries:
            made = dispatch.publish_plan(proposal, by=platform, at=make.MORNING).trips
        trip.cancel(made[0].pk, by=platform, at=make.MORNING)
        return len(queries)

    assert count(1) == count(6)
