"""Loads are offered, answered, won once, and come back when nobody wants them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.contracts.tenders import OfferAccepted, OfferClosed, OfferInvited, TenderLapsed
from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, Invalid, NotFound
from b2b.core.ids import uuid7
from b2b.core.machine import IllegalTransition
from b2b.core.money import Money
from b2b.db import invariants
from logistics import states
from logistics.models import Offer, Shipment, Tender, Trip
from logistics.selectors import tender as tenders
from logistics.services import dispatch, tender, tender_answer, tender_round
from tests.factories import directory
from tests.factories import logistics as make
from tests.factories import tenders as make_tender
from tests.logistics.support import OURS, events

AT = make.MORNING
PRICE = Money.of("480", "CNY")


@pytest.fixture
def load(world):
    """A shipment for each of the two shops, both waiting."""
    units = [make.packed_unit(place, world.product) for place in (world.shop, world.rival_shop)]
    return make.shipments(world.warehouse, units)


@pytest.fixture
def rival_van(world):
    return make.vehicle(world.other_carrier)


def status_of(shipments):
    return set(Shipment.objects.filter(pk__in=[one.pk for one in shipments]).values_list("status", flat=True))


def status_of_tender():
    with acting_as(make.PLATFORM):
        return Tender.objects.get().status


def sweep(after):
    with acting_as(make.PLATFORM) as platform:
        return tender_round.sweep(by=platform, at=AT + after)


def test_whoever_takes_the_price_gets_the_trip_at_that_price(world, load, rival_van, platform):
    made = make_tender.opened(load, world.carrier, world.other_carrier, price=PRICE)
    assert status_of(load) == {states.TENDERED}
    offer = make_tender.offer_of(made, world.other_carrier)
    won = make_tender.accepted(offer, rival_van.code, directory.actor(world.other_carrier))
    made.refresh_from_db()
    assert (won.status, made.status) == (states.ACCEPTED, states.AWARDED)
    assert (made.trip.vehicle_id, made.trip.cost, made.trip.currency) == (rival_van.pk, Decimal(480), "CNY")
    assert made.trip.departs_at >= made.pickup_from_at
    assert status_of(load) == {states.PLANNED}
    assert make_tender.offer_of(made, world.carrier).status == states.LOST
    (told,) = events(OfferAccepted)
    assert (told.trip_id, told.price) == (made.trip_id, Decimal(480))
    assert [(one.carrier_id, one.status) for one in events(OfferClosed)] == [(world.carrier.pk, states.LOST)]
    assert not invariants.check(OURS)


def test_the_operator_chooses_among_prices_that_were_named(world, load, rival_van, platform):
    made = make_tender.opened(load, world.carrier, world.other_carrier)
    for carrier, van, price in (
        (world.carrier, world.vehicle, "700"),
        (world.other_carrier, rival_van, "650"),
    ):
        with acting_as(directory.actor(carrier)) as who:
            offer = make_tender.offer_of(made, carrier)
            tender_answer.offer(
                offer.pk,
                price=Decimal(price),
                vehicle_code=van.code,
                pickup_at=made.pickup_from_at + timedelta(minutes=30),
                by=who,
                at=AT,
            )
            with pytest.raises(Forbidden):
                tender_answer.prepare(offer.pk, by=who, at=AT)
    best = make_tender.offer_of(made, world.other_carrier)
    commitment = tender_answer.prepare(best.pk, by=platform, at=AT)
    assert tender_answer.accept(best.pk, commitment, by=platform, at=AT).status == states.ACCEPTED
    assert Trip.objects.get().cost == Decimal(650)


def test_without_names_the_carriers_of_the_nearest_vehicles_are_asked_and_read_why(
    world, load, rival_van, platform
):
    make.seen(world.vehicle, latitude=30.51)
    make.seen(rival_van, latitude=30.6)
    made = make_tender.opened(load, nearest=1)
    (offer,) = tenders.offers(platform).filter(tender=made)
    assert offer.carrier_id == world.carrier.pk
    assert offer.reasons[0] == {
        "code": "NEAR",
        "vehicle": world.vehicle.code,
        "distance_m": 1112,
        "drive_s": 131,
    }


def test_nobody_near_and_nobody_named_is_said_so(world, load, platform):
    with pytest.raises(Invalid) as refused:
        make_tender.opened(load)
    assert refused.value.problems[0].code == "no_candidate"
    assert status_of(load) == {states.READY}


def test_one_after_the_other_is_asked_until_nobody_is_left(world, load, platform):
    made = make_tender.opened(
        load, world.carrier, world.other_carrier, mode=Tender.Mode.WATERFALL, price=PRICE, answer_minutes=10
    )
    assert [one.carrier_id for one in events(OfferInvited)] == [world.carrier.pk]
    with acting_as(directory.actor(world.other_carrier)) as who:
        assert not tenders.visible(who).exists()
    assert sweep(timedelta(minutes=9)) == 0
    assert sweep(timedelta(minutes=10)) == 1
    assert [one.carrier_id for one in events(OfferInvited)] == [world.carrier.pk, world.other_carrier.pk]
    second = make_tender.offer_of(made, world.other_carrier)
    assert (second.rank, second.expires_at) == (2, AT + timedelta(minutes=20))
    with acting_as(directory.actor(world.other_carrier)) as who:
        tender_answer.end(second.pk, "decline", by=who, at=AT + timedelta(minutes=11), reason="full")
    made.refresh_from_db()
    assert made.status == states.LAPSED
    assert status_of(load) == {states.READY}
    assert len(events(TenderLapsed)) == 1
    assert sweep(timedelta(hours=1)) == 0


def test_a_price_that_is_refused_lets_the_next_one_be_asked(world, load, rival_van, platform):
    made = make_tender.opened(load, world.carrier, world.other_carrier, mode=Tender.Mode.WATERFALL)
    offer = make_tender.offer_of(made, world.carrier)
    with acting_as(world.as_carrier) as who:
        tender_answer.offer(
            offer.pk, price=Decimal(9000), vehicle_code=world.vehicle.code,
            pickup_at=made.pickup_from_at, by=who, at=AT,
        )  # fmt: skip
        with pytest.raises(Forbidden):
            tender_answer.end(offer.pk, "refuse", by=who, at=AT)
    assert sweep(timedelta(hours=2)) == 0, "a price that was named stands until the pick-up"
    tender_answer.end(offer.pk, "refuse", by=platform, at=AT, reason="too dear")
    assert make_tender.offer_of(made, world.other_carrier).status == states.INVITED


def test_with_the_pick_up_over_everything_ends(world, load, platform):
    make_tender.opened(load, world.carrier, world.other_carrier, mode=Tender.Mode.WATERFALL)
    assert sweep(timedelta(hours=6)) == 1
    assert Tender.objects.get().status == states.LAPSED
    assert status_of(load) == {states.READY}


def test_withdrawn_it_is_over_for_everybody(world, load, platform):
    made = make_tender.opened(load, world.carrier, price=PRICE)
    tender.withdraw(made.pk, by=platform, at=AT, reason="own van is free")
    offer = make_tender.offer_of(made, world.carrier)
    assert offer.status == states.LOST
    assert status_of(load) == {states.READY}
    with pytest.raises(tender_answer.TenderTaken), acting_as(world.as_carrier) as who:
        tender_answer.prepare(offer.pk, vehicle_code=world.vehicle.code, by=who, at=AT)
    with pytest.raises(IllegalTransition):
        tender.withdraw(made.pk, by=platform, at=AT)


def test_what_is_tendered_is_in_no_plan(world, load, platform):
    make_tender.opened(load, world.carrier)
    assert dispatch.plan(world.warehouse.pk, by=platform, at=AT, seconds=0.1).plan.routes == ()


def test_too_late_is_said(world, load):
    made = make_tender.opened(load, world.carrier, price=PRICE, answer_minutes=5)
    offer = make_tender.offer_of(made, world.carrier)
    with acting_as(world.as_carrier) as who:
        commitment = tender_answer.prepare(offer.pk, vehicle_code=world.vehicle.code, by=who, at=AT)
        with pytest.raises(tender_answer.OfferExpired):
            tender_answer.accept(offer.pk, commitment, by=who, at=AT + timedelta(minutes=5))
    assert status_of_tender() == states.OPEN


def test_a_vehicle_that_cannot_carry_it_is_refused_with_the_reason(world, load, rival_van):
    made = make_tender.opened(load, world.carrier, price=PRICE)
    offer = make_tender.offer_of(made, world.carrier)
    small = make.vehicle(world.carrier, capacity_weight_g=1_000)
    late = make.vehicle(world.carrier, shift_start="00:00", shift_end="09:10")
    for code, problem in (
        (small.code, "too_small"),
        (late.code, "out_of_reach"),
        (rival_van.code, "unknown_vehicle"),
    ):
        with acting_as(world.as_carrier) as who, pytest.raises(Invalid) as refused:
            tender_answer.prepare(offer.pk, vehicle_code=code, by=who, at=AT)
        assert refused.value.problems[0].code == problem
    with acting_as(world.as_carrier) as who, pytest.raises(Invalid) as refused:
        tender_answer.prepare(offer.pk, vehicle_code=world.vehicle.code, pickup_at=AT, by=who, at=AT)
    assert refused.value.problems[0].code == "outside_window"


def test_a_busy_vehicle_wins_nothing(world, load, platform):
    made = make_tender.opened(load, world.carrier, price=PRICE)
    offer = make_tender.offer_of(made, world.carrier)
    with acting_as(world.as_carrier) as who:
        commitment = tender_answer.prepare(offer.pk, vehicle_code=world.vehicle.code, by=who, at=AT)
    make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product)])
    make.planned(world.warehouse)
    with acting_as(world.as_carrier) as who, pytest.raises(dispatch.PlanOutdated):
        tender_answer.accept(offer.pk, commitment, by=who, at=AT)
    assert status_of(load) == {states.TENDERED}


def test_nonsense_is_refused_before_anything_is_written(world, load, platform):
    for changed, code in (
        ({"pickup_until_at": AT}, "no_window"),
        ({"answer_minutes": 0}, "no_time"),
        ({"price": Money.of(0, "CNY")}, "no_price"),
        ({"carriers": ["nobody"]}, "unknown_carrier"),
    ):
        terms = replace(make_tender.terms(carriers=[world.carrier.code]), **changed)
        with pytest.raises(Invalid) as refused:
            tender.open_tender([one.pk for one in load], terms, by=platform, at=AT)
        assert code in {problem.code for problem in refused.value.problems}
    with pytest.raises(NotFound):
        tender.open_tender([uuid7()], make_tender.terms(), by=platform, at=AT)
    with pytest.raises(Forbidden), acting_as(world.as_carrier) as who:
        tender.open_tender([one.pk for one in load], make_tender.terms(), by=who, at=AT)
    assert not Tender.objects.exists()


def test_a_carrier_sees_its_own_offers_and_neither_others_nor_shipments(world, load):
    make_tender.opened(load, world.carrier)
    with acting_as(world.as_other_carrier) as who:
        assert not tenders.offers(who).exists()
        assert not Offer.objects.exists(), "the second wall"
        assert not Tender.objects.exists()
    with acting_as(world.as_carrier) as who:
        (offer,) = tenders.offers(who)
        assert offer.tender.weight_g == 40_000
        assert not tenders.shipments(who, offer.tender).exists()


def test_as_many_statements_for_one_tender_as_for_many(world, platform):
    def statements(count, after):
        for _ in range(count):
            unit = make.packed_unit(world.shop, world.product)
            made = make.shipments(world.warehouse, [unit])
            make_tender.opened(
                made, world.carrier, world.other_carrier, mode=Tender.Mode.WATERFALL, answer_minutes=1
            )
        with CaptureQueriesContext(connection) as queries:
            assert sweep(after) == count
        return len(queries)

    assert statements(1, timedelta(minutes=1)) == statements(6, timedelta(minutes=1))
