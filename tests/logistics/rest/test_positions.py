"""Positions over the API: JSON, NDJSON and CSV in, the newest out, the nearest for the operator."""

import json

import pytest

from b2b.core import clock
from tests.factories import directory
from tests.factories import logistics as make

ADDRESS = "/api/v1/positions/"


@pytest.fixture(autouse=True)
def in_the_morning():
    """Let the platform live in the morning of the test."""
    with clock.travel(make.MORNING):
        yield


def row(world, **values):
    at = make.MORNING.isoformat()
    return {"vehicle": world.vehicle.code, "fix_at": at, "latitude": 30.5, "longitude": 114.3, **values}


def test_a_carrier_tells_and_reads_and_the_operator_finds(world, api_as):
    carrier, operator = api_as(world.carrier), api_as(directory.operator())
    told = carrier.post(
        ADDRESS, {"positions": [row(world, speed_kmh=30), row(world, latitude=0, longitude=0)]}
    )
    assert told.status_code == 201, told.content
    assert (told.json()["accepted"], told.json()["duplicates"]) == (1, 0)
    (refused,) = told.json()["quarantined"]
    assert (refused["row"], refused["reason"]) == (1, "NO_FIX")
    assert "receivers" in refused["explanation"]
    (seen,) = carrier.get(ADDRESS).json()["results"]
    assert (seen["vehicle"], seen["speed_kmh"]) == (world.vehicle.code, 30)
    (near,) = operator.get("/api/v1/vehicles/nearest/?latitude=30.6&longitude=114.3&weight_g=5").json()[
        "vehicles"
    ]
    assert near["distance_m"] == pytest.approx(11_120, abs=10)
    assert operator.get("/api/v1/vehicles/nearest/?latitude=91&longitude=0").status_code in {400, 422}


@pytest.mark.parametrize("media", ["application/x-ndjson", "text/csv"])
def test_other_forms_are_read_too(world, api_as, media):
    one = row(world)
    body = (
        json.dumps(one)
        if media.endswith("ndjson")
        else "\n".join([",".join(one), ",".join(map(str, one.values()))])
    )
    told = api_as(world.carrier).post(ADDRESS, data=body, content_type=media)
    assert told.status_code == 201, told.content
    assert told.json()["accepted"] == 1
