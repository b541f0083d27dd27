"""Departure fixes the freight and tells what left."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.logistics import Departed
from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, NotFound
from b2b.core.machine import IllegalTransition
from b2b.db import invariants
from b2b.db.selectors import history
from logistics import states
from logistics.models import Driver, FreightCharge, Shipment, Trip
from logistics.services import delivery, shipment, trip
from tests.factories import logistics as make
from tests.logistics.support import OURS, events

LATER = make.MORNING + timedelta(hours=2)


@pytest.fixture
def planned(world, platform):
    make.tariff(world.carrier, base="100.01")
    units = [make.packed_unit(place, world.product) for place in (world.shop, world.rival_shop, world.shop)]
    make.shipments(world.warehouse, units[:2])
    make.shipments(world.warehouse, units[2:])
    (made,) = make.planned(world.warehouse)
    return made


def test_departure_tells_what_left_with_packages_and_lines(world, planned):
    with acting_as(world.as_carrier) as carrier:
        trip.depart(planned.pk, by=carrier, at=LATER)
    (event,) = events(Departed)
    assert (event.trip_id, event.carrier_id, event.occurred_at) == (planned.pk, world.carrier.pk, LATER)
    assert sorted(carried.ship_to_site_id for carried in event.shipments) == sorted(
        [world.shop.pk, world.shop.pk, world.rival_shop.pk]
    )
    for carried in event.shipments:
        assert [line.quantity for line in carried.lines] == [10]
        assert len(carried.package_ids) == 1


def test_freight_shares_sum_to_the_cost_and_stand_on_the_shipments(world, platform, planned):
    trip.depart(planned.pk, by=platform, at=LATER)
    shares = list(FreightCharge.objects.values_list("amount", flat=True))
    assert len(shares) == 3
    assert sum(shares) == planned.cost == Decimal("100.01")
    assert sum(Shipment.objects.values_list("freight_amount", flat=True)) == planned.cost
    far = FreightCharge.objects.get(dealer=world.rival)
    assert all(far.amount > near.amount for near in FreightCharge.objects.filter(dealer=world.dealer))
    assert not invariants.check(OURS)


def test_a_trip_leaves_once(planned, platform):
    trip.depart(planned.pk, by=platform, at=LATER)
    with pytest.raises(IllegalTransition):
        trip.depart(planned.pk, by=platform, at=LATER)
    with pytest.raises(IllegalTransition):
        trip.cancel(planned.pk, by=platform, at=LATER)


def test_nobody_else_sends_it_off_or_calls_it_off(world, planned):
    for stranger in (world.as_other_carrier, world.as_dealer):
        with acting_as(stranger), pytest.raises(NotFound):
            trip.depart(planned.pk, by=stranger, at=LATER)
    with acting_as(world.as_carrier) as carrier, pytest.raises(Forbidden):
        trip.cancel(planned.pk, by=carrier, at=LATER)


def test_the_driver_is_the_carriers_own(world, platform, planned):
    own = Driver.objects.create(carrier=world.carrier, code="d1", name="Li Wei")
    strange = Driver.objects.create(carrier=world.other_carrier, code="d1", name="Wang Fang")
    with pytest.raises(NotFound):
        trip.depart(planned.pk, by=platform, at=LATER, driver_id=strange.pk)
    assert trip.depart(planned.pk, by=platform, at=LATER, driver_id=own.pk).driver_id == own.pk


def test_a_second_attempt_is_told_because_the_goods_were_taken_back(world, platform, planned):
    trip.depart(planned.pk, by=platform, at=LATER)
    failed = Shipment.objects.filter(dealer=world.rival).get()
    before = failed.freight_amount
    delivery.fail(failed.pk, reason="closed", by=platform, at=LATER)
    shipment.retry(failed.pk, by=platform, at=LATER)
    (again,) = make.planned(world.warehouse, at=LATER + timedelta(days=1))
    trip.depart(again.pk, by=platform, at=LATER + timedelta(days=1))
    first, second = events(Departed)
    assert (len(first.shipments), len(second.shipments)) == (3, 1)
    failed.refresh_from_db()
    assert (failed.attempts, failed.status) == (2, states.IN_TRANSIT)
    assert failed.freight_amount == before + again.cost
    assert not invariants.check(OURS)


def test_dealer_and_carrier_read_the_history_and_a_rival_does_not(world, platform, planned):
    trip.depart(planned.pk, by=platform, at=LATER)
    mine = Shipment.objects.filter(dealer=world.dealer).first()
    for party in (world.as_dealer, world.as_carrier):
        with acting_as(party):
            assert [change.verb for change in history(party, mine.pk)][-1] == "depart"
    with acting_as(world.as_rival) as rival:
        assert not history(rival, mine.pk).exists()


def test_the_number_of_statements_does_not_grow_with_shipments(world, platform):
    def count(number):
        for _ in range(number):
            make.shipments(
                world.warehouse, [make.packed_unit(world.shop, world.product, quantities=[1] * number)]
            )
        (made,) = make.planned(world.warehouse)
        with CaptureQueriesContext(connection) as queries:
            trip.depart(made.pk, by=platform, at=LATER)
        Trip.objects.filter(pk=made.pk).update(status=states.COMPLETED)  # the van is free for the next
        return len(queries)

    assert count(1) == count(7)
