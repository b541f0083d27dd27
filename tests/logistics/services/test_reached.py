"""Arrivals that positions tell: of the next stop only, the same in any order, and as events."""

from datetime import timedelta
from itertools import permutations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden
from logistics.models import Shipment, Stop, TrackingEvent
from logistics.services import driver, driver_pass, reached
from tests.factories import logistics as make
from tests.logistics.support import tell

AT = make.MORNING
MINUTE = timedelta(minutes=1)
FIXES = ((20, 30.55), (30, 30.5985), (31, 30.6), (40, 30.65))


def note(at=AT + timedelta(hours=12)):
    with acting_as(make.PLATFORM) as platform:
        return reached.note(by=platform, at=at)


def arrivals(trip):
    """Return the minutes after departure at which stops were reached."""
    known = Stop.objects.filter(trip=trip).order_by("sequence").values_list("actual_arrival_at", flat=True)
    return [at and (at - AT) // MINUTE for at in known]


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5])
def test_positions_in_any_order_and_twice_tell_the_same_arrival(world, northward, platform, order):
    for index in order:
        tell(northward, FIXES[index])
        note()
        tell(northward, FIXES[index])
    note()
    assert arrivals(northward) == [30, None]
    assert Shipment.objects.get(dealer=world.dealer).tracking_status == "ARRIVED"
    assert Shipment.objects.get(dealer=world.rival).tracking_status == "IN_TRANSIT"


def test_what_was_noted_is_not_noted_again(northward, platform):
    tell(northward, *FIXES)
    assert note() == 1
    assert note() == 0
    assert TrackingEvent.objects.filter(source=reached.GEOFENCE, kind="ARRIVED").count() == 1


def test_more_than_two_hundred_metres_away_is_not_there(northward, platform):
    tell(northward, (30, 30.5981))
    assert note() == 0
    tell(northward, (31, 30.5983))
    assert note() == 1


def test_a_place_that_is_passed_on_the_way_is_not_reached(northward, platform):
    tell(northward, (20, 30.7), (40, 30.6))
    note()
    assert arrivals(northward) == [40, None]
    tell(northward, (60, 30.7))
    note()
    assert arrivals(northward) == [40, 60]


def test_both_stops_of_a_day_without_a_signal_are_told_at_once(northward, platform):
    tell(northward, (30, 30.6), (60, 30.7))
    assert note() == 2
    assert arrivals(northward) == [30, 60]


def test_a_driver_who_says_so_late_was_seen_before(northward, platform):
    held = driver_pass.recognise(driver_pass.issue(northward.pk, by=platform, at=AT), at=AT)[0]
    here = driver.Action("a", driver.ARRIVE, AT + 35 * MINUTE, {"stop": 1})
    driver.act(held, [here], by=platform, at=AT + 35 * MINUTE)
    tell(northward, (36, 30.6))
    assert note() == 0
    tell(northward, (30, 30.6))
    assert note() == 1
    assert arrivals(northward) == [30, None]


def test_nobody_else_notes(world, northward):
    for who in (world.as_carrier, world.as_dealer):
        with acting_as(who), pytest.raises(Forbidden):
            reached.note(by=who, at=AT)


def test_as_many_statements_for_one_trip_as_for_many(world, platform):
    def statements(count):
        for _ in range(count):
            make.vehicle(world.carrier)
            make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product)])
            for trip in make.departed(world.warehouse):
                make.seen(trip.vehicle, latitude=30.6, at=AT + 30 * MINUTE)
        with CaptureQueriesContext(connection) as queries:
            assert reached.note(by=platform, at=AT + timedelta(hours=3)) == count
        return len(queries)

    assert statements(1) == statements(4)
