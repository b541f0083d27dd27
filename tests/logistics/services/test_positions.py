"""Positions come twice, late and at once, and the mirror shows the newest; what is wrong waits in quarantine."""

from datetime import timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden
from b2b.core.geo import GeoPoint, great_circle_m
from logistics.models import PositionFix, QuarantinedFix, VehicleMirror
from logistics.policies import positions as rules
from logistics.policies.positions import Fix
from logistics.selectors import nearest
from logistics.services import positions
from tests.factories import directory
from tests.factories import logistics as make

AT = make.MORNING


def fixes(code, count, *, start=0, step=0.001):
    return [
        Fix(code, AT - timedelta(hours=2) + timedelta(minutes=start + n), 30.5 + step * (start + n), 114.3)
        for n in range(count)
    ]


def ingest(rows, by):
    with acting_as(by):
        return positions.ingest(rows, by=by, at=AT)


def test_twice_late_and_in_any_order_the_newest_is_shown_and_each_kept_once(world):
    told = fixes(world.vehicle.code, 6)
    assert ingest(told[3:], world.as_carrier).accepted == 3
    again = ingest([*reversed(told), *told], world.as_carrier)
    assert (again.accepted, again.duplicates, len(again.quarantined)) == (3, 9, 0)
    with acting_as(world.as_carrier):
        assert VehicleMirror.objects.get().fix_at == told[-1].fix_at
        assert PositionFix.objects.count() == 6


def test_what_is_doubted_waits_in_quarantine_and_the_rest_is_taken(world):
    wrong = [
        Fix("ghost", AT, 30.5, 114.3, content="as it came"),
        Fix(world.vehicle.code, AT, 0.0, 0.0),
        Fix(world.vehicle.code, AT + timedelta(hours=1), 30.5, 114.3),
        Fix(world.vehicle.code, AT, 50.0, 114.3),
    ]
    told = ingest([*fixes(world.vehicle.code, 1), *wrong], world.as_carrier)
    assert told.accepted == 1
    assert [one.reason for one in told.quarantined] == [
        rules.UNKNOWN_VEHICLE,
        rules.NO_FIX,
        rules.IN_THE_FUTURE,
        rules.SPEED_JUMP,
    ]
    with acting_as(world.as_carrier):
        kept = QuarantinedFix.objects.get(reason=rules.UNKNOWN_VEHICLE)
        assert (kept.vehicle_code, kept.content, kept.carrier_id) == ("ghost", "as it came", world.carrier.pk)
    with acting_as(world.as_other_carrier):
        assert not QuarantinedFix.objects.exists()


def test_a_rival_can_neither_move_nor_see_a_vehicle(world):
    told = ingest(fixes(world.vehicle.code, 2), world.as_other_carrier)
    assert {one.reason for one in told.quarantined} == {rules.UNKNOWN_VEHICLE}
    ingest(fixes(world.vehicle.code, 2), world.as_carrier)
    with acting_as(world.as_other_carrier):
        assert not VehicleMirror.objects.exists()
    with pytest.raises(Forbidden):
        ingest([], world.as_dealer)


def test_the_statements_do_not_grow_with_the_batch(world):
    counts = []
    for count in (2, 100):
        with (
            acting_as(world.as_carrier),
            CaptureQueriesContext(
                connection,
            ) as queries,
        ):
            positions.ingest(
                [*fixes(world.vehicle.code, count), Fix("x", AT, 1, 1)], by=world.as_carrier, at=AT
            )
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6


def test_the_nearest_are_those_a_look_at_all_would_find(world, platform):
    random = Random(5)
    north = GeoPoint(61.0, 114.3)  # where a degree of longitude is half as long
    places = {}
    for _ in range(60):
        van = make.vehicle(world.carrier, shift_start="00:00", shift_end="23:59:59")
        places[van.code] = GeoPoint(61 + random.uniform(-1, 1), 114.3 + random.uniform(-2, 2))
        make.seen(van, latitude=places[van.code].latitude, longitude=places[van.code].longitude)
    found = nearest.vehicles(platform, north, at=AT, count=7)
    by_distance = sorted(places, key=lambda code: great_circle_m(north, places[code]))
    assert [one.code for one in found] == by_distance[:7]


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        ({"capacity_weight_g": 10}, {"weight_g": 11}),
        ({"capacity_volume_cm3": 10}, {"volume_cm3": 11}),
        ({"skills": ["cold"]}, {"skills": ["cold", "crane"]}),
        ({"shift_start": "12:00", "shift_end": "13:00"}, {}),
        ({"is_active": False}, {}),
    ],
)
def test_what_does_not_fit_is_not_near(world, platform, values, asked):
    fits, other = make.vehicle(world.carrier, skills=["cold", "crane"]), make.vehicle(world.carrier, **values)
    for van in (fits, other):
        make.seen(van)
    assert [one.code for one in nearest.vehicles(platform, GeoPoint(30.5, 114.3), at=AT, **asked)] == [
        fits.code
    ]


def test_neither_is_one_on_a_trip_or_not_seen_for_long(world, platform):
    made = make.haul(world.dealer, world.carrier)
    make.seen(made.trip.vehicle)
    stale = make.vehicle(world.carrier)
    make.seen(stale, at=AT - timedelta(hours=1))
    assert nearest.vehicles(platform, GeoPoint(30.5, 114.3), at=AT) == []
    with pytest.raises(Forbidden):
        nearest.vehicles(directory.actor(world.carrier), GeoPoint(30.5, 114.3), at=AT)
