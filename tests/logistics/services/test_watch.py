"""What positions say by themselves: arrivals, and alerts that are raised and cleared."""

from datetime import timedelta
from itertools import permutations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.alerts import TripAlertCleared, TripAlertRaised
from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, NotFound
from b2b.core.geo import GeoPoint, great_circle_m
from b2b.db.bulk import fetch_value
from logistics.models import Shipment, Stop, TripAlert
from logistics.policies.positions import Fix
from logistics.services import positions, watch
from tests.factories import directory
from tests.factories import logistics as make
from tests.logistics.support import events

AT = make.MORNING


@pytest.fixture
def trip(world):
    """A van on its way to two shops, 11 and 22 km to the north."""
    units = [make.packed_unit(place, world.product) for place in (world.shop, world.rival_shop)]
    make.shipments(world.warehouse, units)
    (made,) = make.departed(world.warehouse)
    return made


def tell(trip, *seen):
    """Tell (minutes after departure, latitude) of the trip's van."""
    with acting_as(make.PLATFORM) as platform:
        code = trip.vehicle.code
        rows = [Fix(code, AT + timedelta(minutes=minutes), latitude, 114.3) for minutes, latitude in seen]
        return positions.ingest(rows, by=platform, at=AT + timedelta(hours=12))


def alerts(at, **values):
    with acting_as(make.PLATFORM) as platform:
        watch.raise_alerts(by=platform, at=at, **values)
        return sorted(TripAlert.objects.filter(cleared_at=None).values_list("kind", flat=True))


def notice(at=AT + timedelta(hours=12)):
    with acting_as(make.PLATFORM) as platform:
        return watch.notice_arrivals(by=platform, at=at)


def test_the_database_measures_as_python_does(world, platform):
    start, end = GeoPoint(30.5, 114.3), GeoPoint(31.25, 113.8)
    there = fetch_value("SELECT logistics_distance_m(30.5, 114.3, 31.25, 113.8)")
    assert there == great_circle_m(start, end)


FIXES = ((20, 30.55), (30, 30.5999), (31, 30.6), (40, 30.65))


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5])
def test_positions_in_any_order_and_twice_tell_the_same_arrival(world, trip, platform, order):
    for index in order:
        tell(trip, FIXES[index])
        notice()
        tell(trip, FIXES[index])
    notice()
    first, second = Stop.objects.filter(trip=trip).order_by("sequence")
    assert first.actual_arrival_at == AT + timedelta(minutes=30)
    assert second.actual_arrival_at is None
    assert Shipment.objects.get(dealer=world.dealer).tracking_status == "ARRIVED"
    assert Shipment.objects.get(dealer=world.rival).tracking_status == "IN_TRANSIT"


def test_what_was_noticed_is_not_noticed_again(trip):
    tell(trip, *FIXES)
    assert notice() == 1
    assert notice() == 0


def test_late_becomes_missed_and_is_over_with_the_arrival(world, trip, platform):
    first = Stop.objects.filter(trip=trip).order_by("sequence").first()
    assert alerts(first.planned_arrival_at + timedelta(minutes=14)) == []
    late = first.planned_arrival_at + timedelta(minutes=16)
    assert "LATE" in alerts(late)
    assert "LATE" in alerts(late + timedelta(minutes=1))
    assert len([one for one in events(TripAlertRaised) if one.kind == "LATE"]) == 1, "raised once"
    assert "MISSED_WINDOW" in alerts(AT + timedelta(hours=15))
    tell(trip, (30, 30.6), (60, 30.7))
    notice()
    assert alerts(AT + timedelta(minutes=61)) == []
    assert {one.kind for one in events(TripAlertCleared)} >= {"LATE", "MISSED_WINDOW"}


def test_a_van_that_stands_still_on_the_road_and_drives_on(trip):
    tell(trip, *((minutes, 30.55) for minutes in range(20, 51, 5)))
    assert "STOPPED" in alerts(AT + timedelta(minutes=50))
    tell(trip, (55, 30.58))
    assert "STOPPED" not in alerts(AT + timedelta(minutes=55))


def test_a_van_that_stands_at_a_stop_is_at_work(trip):
    tell(trip, *((minutes, 30.6) for minutes in range(20, 51, 5)))
    notice()
    assert alerts(AT + timedelta(minutes=50)) == []


def test_silence_is_heard_and_forgiven(trip):
    tell(trip, (5, 30.51))
    assert alerts(AT + timedelta(minutes=26)) == ["NO_SIGNAL"]
    tell(trip, (26, 30.56))
    assert alerts(AT + timedelta(minutes=27)) == []


def test_a_detour_is_seen(trip, platform):
    with acting_as(make.PLATFORM) as who:
        away = Fix(trip.vehicle.code, AT + timedelta(minutes=15), 30.55, 114.55)
        positions.ingest([away], by=who, at=AT + timedelta(hours=1))
    assert alerts(AT + timedelta(minutes=15)) == ["OFF_ROUTE"]


def test_an_alert_has_an_owner(world, trip, platform):
    tell(trip, (5, 30.51))
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


def test_only_the_operator_watches_and_a_carrier_sees_its_own(world, trip, platform):
    tell(trip, (5, 30.51))
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
            watch.notice_arrivals(by=platform, at=AT + timedelta(hours=3))
            watch.raise_alerts(by=platform, at=AT + timedelta(hours=3))
        return len(queries)

    assert statements(1) == statements(4)
