"""Events come as they like; the state does not care."""

import random
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, Invalid, NotFound
from b2b.db.bulk import execute
from logistics.models import Shipment, TrackingEvent
from logistics.policies import tracking as kinds
from logistics.services import tracking
from tests.factories import logistics as make

STORY = (kinds.OUT_FOR_DELIVERY, kinds.ARRIVED, kinds.ATTEMPT_FAILED, kinds.OUT_FOR_DELIVERY, kinds.DELIVERED)
EVENING = make.MORNING + timedelta(hours=10)


@pytest.fixture
def mine(world, platform):
    units = [make.packed_unit(place, world.product) for place in (world.shop, world.rival_shop)]
    make.shipments(world.warehouse, units)
    make.departed(world.warehouse)
    return Shipment.objects.get(dealer=world.dealer)


def story(shipment, kinds_seen=STORY):
    return [
        tracking.Sighting(shipment.pk, "gps", f"e{hour}", kind, make.MORNING + timedelta(hours=hour))
        for hour, kind in enumerate(kinds_seen, start=1)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_any_order_and_any_repetition_ends_the_same(mine, platform, seed):
    chance = random.Random(seed)
    told = story(mine) * 2
    chance.shuffle(told)
    while told:
        size = chance.randint(1, 4)
        tracking.record(told[:size], by=platform, at=EVENING)
        told = told[size:]
    mine.refresh_from_db()
    assert (mine.tracking_status, mine.tracked_at) == (kinds.DELIVERED, make.MORNING + timedelta(hours=5))
    assert TrackingEvent.objects.filter(source="gps").count() == 5


def test_delivered_never_downgrades_but_by_a_correction(mine, platform):
    tracking.record(story(mine), by=platform, at=EVENING)
    late = tracking.Sighting(mine.pk, "gps", "late", kinds.OUT_FOR_DELIVERY, EVENING)
    tracking.record([late], by=platform, at=EVENING)
    mine.refresh_from_db()
    assert mine.tracking_status == kinds.DELIVERED
    tracking.record(
        [tracking.Sighting(mine.pk, "desk", "1", kinds.CORRECTED, EVENING)], by=platform, at=EVENING
    )
    mine.refresh_from_db()
    assert mine.tracking_status == kinds.OUT_FOR_DELIVERY


def test_new_events_are_counted(mine, platform):
    assert tracking.record(story(mine), by=platform, at=EVENING) == 5
    assert tracking.record(story(mine), by=platform, at=EVENING) == 0


def test_who_may_tell(world, mine):
    told = story(mine)
    with acting_as(world.as_carrier) as carrier:
        assert tracking.record(told[:1], by=carrier, at=EVENING) == 1
    with acting_as(world.as_dealer) as dealer, pytest.raises(Forbidden):
        tracking.record(told, by=dealer, at=EVENING)
    with acting_as(world.as_other_carrier) as other, pytest.raises(NotFound):
        tracking.record(told, by=other, at=EVENING)


def test_nonsense_is_refused_with_its_place(mine, platform):
    told = [
        tracking.Sighting(mine.pk, "gps", "1", "FLYING", make.MORNING),
        tracking.Sighting(mine.pk, "gps", "2", kinds.ARRIVED, EVENING + timedelta(hours=1)),
    ]
    with pytest.raises(Invalid) as refused:
        tracking.record(told, by=platform, at=EVENING)
    assert [problem.pointer for problem in refused.value.problems] == ["/0/kind", "/1/occurred_at"]
    stray = tracking.Sighting(uuid4(), "gps", "1", kinds.ARRIVED, make.MORNING)
    with pytest.raises(NotFound):
        tracking.record([stray], by=platform, at=EVENING)


def test_events_are_history(mine, platform):
    tracking.record(story(mine), by=platform, at=EVENING)
    with pytest.raises(IntegrityError), transaction.atomic():
        execute("DELETE FROM logistics_trackingevent")


def test_the_number_of_statements_does_not_grow_with_events(mine, platform):
    def count(name, number):
        told = [
            tracking.Sighting(mine.pk, name, str(i), kinds.OUT_FOR_DELIVERY, make.MORNING)
            for i in range(number)
        ]
        with CaptureQueriesContext(connection) as queries:
            tracking.record(told, by=platform, at=EVENING)
        return len(queries)

    assert count("a", 1) == count("b", 50)
