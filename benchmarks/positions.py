"""Positions of vehicles in batches of 200, beside the same rows by bare SQL; and the nearest of 100,000 vehicles."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from random import Random

import psycopg

from b2b.core.actor import CARRIER, Actor, acting_as
from b2b.core.geo import GeoPoint
from b2b.directory.models import Organization
from benchmarks import limit, world
from benchmarks.report import Report
from logistics.policies.positions import Fix
from logistics.selectors import nearest
from logistics.services import positions

BATCH = 200
BATCHES = 100
FLEETS = (10_000, 100_000)
ASKED = 200
FLEET = """
    INSERT INTO logistics_vehicle (carrier_id, code, plate, capacity_weight_g, capacity_volume_cm3, shift_start,
        shift_end, currency, cost_per_km, cost_per_hour, cost_per_trip, break_minutes, skills, is_active)
    SELECT %(carrier)s, 'b' || n, '', 1000000 + n %% 5 * 1000000, 10000000, '00:00', '23:59:59', 'CNY', 3, 40, 0, 0,
        CASE n %% 4 WHEN 0 THEN ARRAY['cold'] ELSE ARRAY[]::text[] END, true
    FROM generate_series((SELECT count(*) FROM logistics_vehicle WHERE carrier_id = %(carrier)s) + 1, %(size)s) n
"""
SEEN = """
    INSERT INTO logistics_vehiclemirror (vehicle_id, carrier_id, fix_at, latitude, longitude, received_at)
    SELECT id, carrier_id, %(at)s, 28 + 5 * random(), 112 + 5 * random(), %(at)s FROM logistics_vehicle
    WHERE carrier_id = %(carrier)s ON CONFLICT DO NOTHING
"""
# The least there is to do: the history and the newest position of each, nothing judged, nobody asked who he is.
BARE = """
    WITH given AS MATERIALIZED (
        SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::float8[], %s::float8[]) g(vehicle, seen, lat, lon)),
    kept AS (INSERT INTO bare_fix SELECT * FROM given ON CONFLICT DO NOTHING)
    INSERT INTO bare_mirror AS mirror SELECT * FROM given
    ON CONFLICT (vehicle) DO UPDATE SET seen = excluded.seen, lat = excluded.lat, lon = excluded.lon
    WHERE mirror.seen < excluded.seen
"""


def run(report: Report) -> None:
    """Measure batches and searches for fleets of two sizes."""
    with acting_as(world.BY):
        carrier = Organization.objects.create(kind=CARRIER, code="BENCH-C", name="Bench carrier")
    who = Actor(kind=CARRIER, organization_id=carrier.pk, organization_code=carrier.code)
    with limit.connect() as bare:
        bare.execute(
            "CREATE TABLE bare_fix (vehicle bigint, seen timestamptz, lat float8, lon float8, UNIQUE (vehicle, seen))"
        )
        bare.execute(
            "CREATE TABLE bare_mirror (vehicle bigint PRIMARY KEY, seen timestamptz, lat float8, lon float8)"
        )
        for size in report.sizes(*FLEETS):
            bare.execute(FLEET, {"carrier": carrier.pk, "size": size})
            bare.execute("ANALYZE logistics_vehicle")
            batches = _batches(size)
            took = _told(batches, who)
            took_bare = _told_bare(bare, batches)
            report.rate(
                f"ingest positions in batches of {BATCH}, fleet of {size:,}",
                BATCH * len(batches),
                took,
                limit_seconds=took_bare,
                unit="fixes/s",
                at_least=8_000,
            )
            bare.execute(SEEN, {"carrier": carrier.pk, "at": world.AT})
            bare.execute("UPDATE logistics_vehiclemirror SET fix_at = %s", [world.AT])
            bare.execute("ANALYZE logistics_vehiclemirror")
            report.duration("nearest 10 free that fit (p50)", size, _search(), at_most_ms=5)


def _batches(size: int) -> list[list[Fix]]:
    random = Random(size)
    since = world.AT - timedelta(hours=1)
    return [
        [
            Fix(
                f"b{1 + random.randrange(size)}",
                since + timedelta(seconds=n),
                28 + 5 * random.random(),
                112.0,
            )
            for _ in range(BATCH)
        ]
        for n in range(BATCHES)
    ]


def _told(batches: list[list[Fix]], who: Actor) -> float:
    # The positions are drawn anywhere, so that most would be jumps: a vehicle stays where it was seen first.
    first: dict[str, Fix] = {}
    steady = [
        [Fix(fix.vehicle, fix.fix_at, *_place(first.setdefault(fix.vehicle, fix))) for fix in batch]
        for batch in batches
    ]
    began = time.perf_counter()
    for batch in steady:
        with acting_as(who):
            told = positions.ingest(batch, by=who, at=world.AT)
        if told.quarantined:
            raise RuntimeError(told.quarantined[0])
    return time.perf_counter() - began


def _place(fix: Fix) -> tuple[float, float]:
    return fix.latitude, fix.longitude


def _told_bare(bare: psycopg.Connection, batches: list[list[Fix]]) -> float:
    began = time.perf_counter()
    for batch in batches:
        rows = sorted({(int(fix.vehicle[1:]), fix.fix_at): fix for fix in batch}.items())
        bare.execute(
            BARE,
            [
                [key[0] for key, _ in rows],
                [key[1] for key, _ in rows],
                [fix.latitude for _, fix in rows],
                [fix.longitude for _, fix in rows],
            ],
        )
    return time.perf_counter() - began


def _search() -> float:
    random, took = Random(1), []
    for _ in range(ASKED):
        point = GeoPoint(28 + 5 * random.random(), 112 + 5 * random.random())
        began = time.perf_counter()
        with acting_as(world.BY):
            found = nearest.vehicles(world.BY, point, at=world.AT, weight_g=2_000_000, skills=["cold"])
        took.append(1000 * (time.perf_counter() - began))
        if len(found) != 10:
            raise RuntimeError(f"{len(found)} found")
    return statistics.median(took)
