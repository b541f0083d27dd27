"""Vehicles for loads: the nearest that fit, as a comparison with all of them says."""

from datetime import timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core.errors import Forbidden
from b2b.core.geo import GeoPoint, great_circle_m
from logistics.models import Vehicle, VehicleMirror
from logistics.policies.assignment import assign
from logistics.policies.roads import GreatCircleRoads
from logistics.selectors import matching
from tests.factories import logistics as make

pytestmark = pytest.mark.django_db
AT = make.MORNING


@pytest.fixture
def fleet(world, platform):
    """Thirty vans, scattered, of several sizes, skills and shifts."""
    dice = Random(7)
    for number in range(30):
        made = make.vehicle(
            dice.choice([world.carrier, world.other_carrier]),
            code=f"m{number}",
            capacity_weight_g=dice.choice([100_000, 2_000_000]),
            capacity_volume_cm3=dice.choice([1_000_000, 10_000_000]),
            skills=dice.choice([[], ["cold"]]),
            shift_start=dice.choice(["00:00", "18:00"]),
            shift_end="23:59:59",
            is_active=dice.random() > 0.1,
        )
        latitude, longitude = 30.5 + dice.uniform(-0.5, 0.5), 114.3 + dice.uniform(-0.5, 0.5)
        at = AT - timedelta(minutes=dice.choice([1, 60]))
        make.seen(made, latitude=latitude, longitude=longitude, at=at)
    return world


def loads(count, **values):
    dice = Random(3)
    return [
        matching.Load(
            key,
            GeoPoint(30.5 + dice.uniform(-0.5, 0.5), 114.3 + dice.uniform(-0.5, 0.5)),
            dice.choice([50_000, 500_000]),
            dice.choice([500_000, 5_000_000]),
            **{"skills": frozenset(dice.choice([(), ("cold",)])), **values},
        )
        for key in range(count)
    ]


def fitting(load, roads=None):
    """Return (distance, vehicle) of everything that fits, by looking at every vehicle."""
    roads = roads or GreatCircleRoads()
    found = []
    for mirror in VehicleMirror.objects.select_related("vehicle"):
        van: Vehicle = mirror.vehicle
        point = GeoPoint(mirror.latitude, mirror.longitude)
        drive = timedelta(seconds=roads.duration_s(roads.distance_m(point, load.pickup)))
        fits = (
            van.is_active
            and mirror.fix_at >= AT - timedelta(minutes=30)
            and van.capacity_weight_g >= load.weight_g
            and van.capacity_volume_cm3 >= load.volume_cm3
            and load.skills <= set(van.skills)
            and f"{van.shift_start:%H:%M}" == "00:00"
            and (load.until is None or AT + drive <= load.until)
        )
        if fits:
            found.append((great_circle_m(load.pickup, point), van.pk))
    return sorted(found)


@pytest.mark.parametrize("until", [None, AT + timedelta(minutes=40)])
def test_candidates_are_those_that_looking_at_every_vehicle_finds(fleet, platform, until):
    asked = loads(12, until=until)
    found = matching.candidates(platform, asked, at=AT, count=4)
    for load in asked:
        assert [(one.distance_m, one.vehicle_id) for one in found[load.key]] == fitting(load)[:4]
    assert any(found.values())


def test_each_candidate_says_why(fleet, platform):
    load = matching.Load(1, GeoPoint(30.5, 114.3), 50_000, 500_000)
    first = matching.candidates(platform, [load], at=AT)[1][0]
    near, room = first.reasons
    assert near["vehicle"] == first.code
    assert near["distance_m"] == first.distance_m > 0
    van = Vehicle.objects.get(pk=first.vehicle_id)
    assert room["weight_g"] == van.capacity_weight_g - 50_000


def test_pairs_are_the_best_assignment_of_all_that_fits(fleet, platform):
    asked = loads(4)
    chosen, known = matching.pairs(platform, asked, at=AT, count=3)
    costs = {
        (load.key, one.vehicle_id): one.drive_s
        for load in asked
        for one in matching.candidates(platform, [load], at=AT, count=100)[load.key]
    }
    best = assign(costs, [load.key for load in asked], sorted({van for _, van in costs}))
    assert sum(one.drive_s for one in chosen.values()) == sum(costs[pair] for pair in best.items())
    assert len(chosen) == len(best)
    assert all(len(near) <= 3 for near in known.values())


def test_one_statement_for_one_load_and_for_many(fleet, platform):
    def statements(count):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            matching.candidates(platform, loads(count), at=AT)
        return len(queries)

    assert statements(1) == statements(25)


def test_only_the_operator_sees_all_vehicles(fleet):
    with pytest.raises(Forbidden):
        matching.candidates(fleet.as_carrier, loads(1), at=AT)
