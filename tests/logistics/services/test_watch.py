"""What positions say by themselves: alerts that are raised and cleared."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.alerts import TripAlertCleared, TripAlertRaised
from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, NotFound
from b2b.core.geo import GeoPoint, great_circle_m
from b2b.db.bulk import fetch_value
from logistics.models import Stop, TripAlert
from logistics.policies.positions import Fix
from logistics.services import positions, reached, watch
from tests.factories import directory
from tests.factories import logistics as make
from tests.logistics.support import events, tell

AT = make.MORNING


def alerts(at, **values):
    with acting_as(make.PLATFORM) as platform:
        watch.raise_alerts(by=platform, at=at, **values)
        return sorted(TripAlert.objects.filter(cleared_at=None).values_list("kind", flat=True))


def test_the_database_measures_as_python_does(world, platform):
    start, end = GeoPoint(30.5, 114.3), GeoPoint(31.25, 113.8)
    there = fetch_value("SELECT logistics_distance_m(30.5, 114.3, 31.25, 113.8)")
    assert there == great_circle_m(start, end)


def test_late_becomes_missed_and_is_over_with_the_arrival(world, northward, platform):
    first = Stop.objects.filter(trip=northward).order_by("sequence").first()
    assert alerts(first.planned_arrival_at + timedelta(minutes=14)) == []
    late = first.planned_arrival_at + timedelta(minutes=16)
    assert "LATE" in alerts(late)
    assert "LATE" in alerts(late + timedelta(minutes=1))
    assert len([one for one in events(TripAlertRaised) if one.kind == "LATE"]) == 1, "raised once"
    assert "MISSED_WINDOW" in alerts(AT + timedelta(hours=15))
    tell(northward, (30, 30.6), (60, 30.7))
    reached.note(by=platform, at=AT + timedelta(hours=12))
    assert alerts(AT + timedelta(minutes=61)) == []
    assert {one.kind for one in events(TripAlertCleared)} >= {"LATE", "MISSED_WINDOW"}


def test_a_van_that_stands_still_on_the_road_and_drives_on(northward):
    tell(northward, *((minutes, 30.55) for minutes in range(20, 51, 5)))
    assert "STOPPED" in alerts(AT + timedelta(minutes=50))
    tell(northward, (55, 30.58))
    assert "STOPPED" not in alerts(AT + timedelta(minutes=55))


def test_a_van_that_stands_at_a_stop_is_at_work(northward, platform):
    tell(northward, *((minutes, 30.6) for minutes in range(20, 51, 5)))
    reached.note(by=platform, at=AT + timedelta(hours=12))
    assert alerts(AT + timedelta(minutes=50)) == []


def test_silence_is_heard_and_forgiven(northward):
    tell(northward, (5, 30.51))
    assert alerts(AT + timedelta(minutes=26)) == ["NO_SIGNAL"]
    tell(northward, (26, 30.56))
    assert alerts(AT + timedelta(minutes=27)) == []


def test_a_detour_is_seen(northward, platform):
    with acting_as(make.PLATFORM) as who:
        away = Fix(northward.vehicle.code, AT + timedelta(minutes=15), 30.55, 114.55)
        positions.ingest([away], by=who, at=AT + timedelta(hours=1))
    assert alerts(AT + timedelta(minutes=15)) == ["OFF_ROUTE"]


def test_an_alert_has_an_owner(world, northward, platform):
    tell(northward, (5, 30.51))
    alerts(AT + timedelta(minutes=26))
    alert = TripAlert.objects.get()
    operator = directory.operator()
    person = directory.person(operator)
    with acting_as(directory.actor(operator)) as desk, pytest.raises(Forbidden):
        watch.take(alert.pk, by=desk)
    who = directory.actor(operator, user_id=person.pk)
    with acting_as(who):
        assert watch.take(alert.pk, by=who).owner_id == person.pk
        with pytest.raises(NotFound):
            watch.take(alert.pk + 1, by=who)


def test_only_the_operator_watches_and_a_carrier_sees_its_own(world, northward, platform):
    tell(northward, (5, 30.51))
    alerts(AT + timedelta(minutes=26))
    for who, count in ((world.as_carrier, 1), (world.as_other_carrier, 0), (world.as_dealer, 0)):
        with acting_as(who):
            assert TripAlert.objects.visible_to(who).count() == TripAlert.objects.count() == count
            with pytest.raises(Forbidden):
                watch.raise_alerts(by=who, at=AT)


def test_as_many_statements_for_one_trip_as_for_many(world, platform):
    def statements(count):
        made = []
        for _ in range(count):
            van = make.vehicle(world.carrier)
            make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product)])
            made += make.departed(world.warehouse)
            make.seen(van, at=AT)
        with CaptureQueriesContext(connection) as queries:
            watch.raise_alerts(by=platform, at=AT + timedelta(hours=3))
        return len(queries)

    assert statements(1) == statements(4)
