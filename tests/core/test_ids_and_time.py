"""Identifiers sort by time; the clock travels only where it is told to."""

from datetime import UTC, datetime

import pytest

from b2b.core import clock
from b2b.core.geo import GeoPoint, great_circle_m
from b2b.core.ids import uuid7


def test_later_ids_sort_after_earlier_ones() -> None:
    ids = [uuid7() for _ in range(5_000)]
    assert ids == sorted(set(ids))
    assert {key.version for key in ids} == {7}


def test_an_id_carries_its_moment() -> None:
    before = clock.now()
    stamped = datetime.fromtimestamp((uuid7().int >> 80) / 1000, UTC)
    assert abs((stamped - before).total_seconds()) < 5


def test_travel_ends_with_its_block() -> None:
    moment = datetime(2024, 2, 29, 12, tzinfo=UTC)
    with clock.travel(moment):
        assert clock.now() == moment
        assert clock.today("Asia/Shanghai").isoformat() == "2024-02-29"
    assert clock.travelled_to() is None


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"), clock.travel(datetime(2024, 1, 1)):  # noqa: DTZ001
        raise AssertionError("a naive moment was accepted")


def test_a_known_distance() -> None:
    shanghai, beijing = GeoPoint(31.2304, 121.4737), GeoPoint(39.9042, 116.4074)
    assert 1_060_000 < great_circle_m(shanghai, beijing) < 1_075_000
    with pytest.raises(ValueError, match="not on the earth"):
        GeoPoint(91, 0)
