"""A signature is evidence, and every unit is accounted for."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from b2b.contracts.logistics import DeliveryConfirmed, DeliveryFailed
from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, Invalid, NotFound
from b2b.core.geo import GeoPoint
from b2b.core.machine import IllegalTransition
from b2b.db import invariants
from b2b.db.bulk import execute
from logistics import states
from logistics.models import Drop, ProofLine, ProofOfDelivery, Shipment, Stop, Trip
from logistics.policies import tracking
from logistics.policies.acceptance import NotAccountedFor, NothingAccepted, Outcome
from logistics.selectors import proofs
from logistics.services import delivery
from tests.factories import logistics as make
from tests.logistics.support import OURS, events

NOON = make.MORNING + timedelta(hours=4)
AT_THE_DOOR = GeoPoint(30.6001, 114.3)


def capture(capture_id="c1", **values):
    return delivery.Capture(
        **{"capture_id": capture_id, "signer_name": "Chen Jie", "delivered_at": NOON, **values}
    )


@pytest.fixture
def trip(world, platform):
    units = [
        make.packed_unit(world.shop, world.product, quantities=(10, 4)),
        make.packed_unit(world.rival_shop, world.product),
    ]
    make.shipments(world.warehouse, units)
    (made,) = make.departed(world.warehouse)
    return made


@pytest.fixture
def mine(world, trip):
    return Shipment.objects.get(dealer=world.dealer)


@pytest.fixture
def theirs(world, trip):
    return Shipment.objects.get(dealer=world.rival)


def test_the_carrier_delivers_in_full(world, mine, trip):
    with acting_as(world.as_carrier) as carrier:
        signed = delivery.confirm(
            mine.pk,
            capture=capture(position=AT_THE_DOOR, signer_role="shop manager", photo_sha256="ab" * 32),
            by=carrier,
            at=NOON,
        )
    assert signed.distance_m == 11
    (event,) = events(DeliveryConfirmed)
    assert [(line.delivered_quantity, line.short_quantity) for line in event.lines] == [(10, 0), (4, 0)]
    assert event.delivered_at == NOON
    assert event.freight_amount > 0
    with acting_as(make.PLATFORM):
        mine.refresh_from_db()
        assert (mine.status, mine.tracking_status) == (states.DELIVERED, tracking.DELIVERED)
        assert Stop.objects.get(drops__shipment=mine).actual_arrival_at == NOON
        assert Trip.objects.get().status == states.DEPARTED
        assert not invariants.check(OURS)


def test_a_line_may_be_short(mine, platform):
    outcomes = [Outcome(1, accepted_quantity=7, reason="wet carton")]
    delivery.confirm(mine.pk, capture=capture(outcomes=outcomes), by=platform, at=NOON)
    (event,) = events(DeliveryConfirmed)
    assert [(line.delivered_quantity, line.short_quantity) for line in event.lines] == [(7, 3), (4, 0)]
    assert list(ProofLine.objects.order_by("pk").values_list("reason", flat=True)) == ["wet carton", ""]
    assert not invariants.check(OURS)


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(1, short_quantity=11),
        Outcome(1, accepted_quantity=-1),
        Outcome(1, accepted_quantity=5, short_quantity=4),
        Outcome(9, accepted_quantity=1),
    ],
)
def test_what_does_not_add_up_is_refused_with_the_place(mine, platform, outcome):
    with pytest.raises(NotAccountedFor) as refused:
        delivery.confirm(mine.pk, capture=capture(outcomes=[outcome]), by=platform, at=NOON)
    assert refused.value.problems[0].pointer.startswith("/lines/0")
    assert not ProofOfDelivery.objects.exists()


def test_taking_nothing_is_no_delivery(mine, platform):
    outcomes = [Outcome(1, accepted_quantity=0), Outcome(2, accepted_quantity=0)]
    with pytest.raises(NothingAccepted):
        delivery.confirm(mine.pk, capture=capture(outcomes=outcomes), by=platform, at=NOON)


@pytest.mark.parametrize(
    "values",
    [
        {"signer_name": " "},
        {"capture_id": ""},
        {"delivered_at": NOON + timedelta(hours=1)},
        {"photo_sha256": "no hash"},
    ],
)
def test_an_incomplete_proof_is_refused(mine, platform, values):
    with pytest.raises(Invalid):
        delivery.confirm(mine.pk, capture=capture(**values), by=platform, at=NOON)


def test_the_same_capture_twice_is_harmless_and_another_one_is_refused(mine, platform):
    first = delivery.confirm(mine.pk, capture=capture(), by=platform, at=NOON)
    again = delivery.confirm(mine.pk, capture=capture(), by=platform, at=NOON + timedelta(hours=1))
    assert again.pk == first.pk
    assert len(events(DeliveryConfirmed)) == 1
    with pytest.raises(IllegalTransition):
        delivery.confirm(mine.pk, capture=capture("c2"), by=platform, at=NOON)


def test_a_trip_completes_with_its_last_stop(mine, theirs, platform):
    delivery.confirm(mine.pk, capture=capture(), by=platform, at=NOON)
    delivery.fail(theirs.pk, reason="closed", by=platform, at=NOON)
    assert Trip.objects.get().status == states.COMPLETED
    assert set(Drop.objects.values_list("outcome", flat=True)) == {"DELIVERED", "FAILED"}
    assert not invariants.check(OURS)


def test_a_failed_delivery_is_told_once_and_needs_a_reason(theirs, platform):
    with pytest.raises(Invalid):
        delivery.fail(theirs.pk, reason=" ", by=platform, at=NOON)
    for _ in range(2):
        delivery.fail(theirs.pk, reason="closed", by=platform, at=NOON)
    assert [event.reason for event in events(DeliveryFailed)] == ["closed"]
    assert Shipment.objects.get(pk=theirs.pk).tracking_status == tracking.ATTEMPT_FAILED
    with pytest.raises(IllegalTransition):
        delivery.confirm(theirs.pk, capture=capture(), by=platform, at=NOON)


def test_strangers_find_nothing_and_the_dealer_may_only_look(world, mine):
    for stranger in (world.as_rival, world.as_other_carrier):
        with acting_as(stranger), pytest.raises(NotFound):
            delivery.confirm(mine.pk, capture=capture(), by=stranger, at=NOON)
    with acting_as(world.as_dealer) as dealer, pytest.raises(Forbidden):
        delivery.confirm(mine.pk, capture=capture(), by=dealer, at=NOON)
    with acting_as(world.as_dealer) as dealer, pytest.raises(Forbidden):
        delivery.fail(mine.pk, reason="I say so", by=dealer, at=NOON)


def test_nothing_is_delivered_before_it_leaves(world, platform):
    make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product)])
    waiting = Shipment.objects.get()
    with pytest.raises(IllegalTransition):
        delivery.confirm(waiting.pk, capture=capture(), by=platform, at=NOON)


def test_proofs_of_a_trip_are_a_chain_and_cannot_be_changed(mine, theirs, trip, platform):
    first = delivery.confirm(mine.pk, capture=capture(position=AT_THE_DOOR), by=platform, at=NOON)
    second = delivery.confirm(theirs.pk, capture=capture(), by=platform, at=NOON)
    assert second.previous_hash == first.hash
    assert proofs.first_break(platform, trip.pk) is None
    with pytest.raises(IntegrityError), transaction.atomic():
        execute("UPDATE logistics_proofofdelivery SET signer_name = 'Somebody'")
    with pytest.raises(IntegrityError), transaction.atomic():
        execute("DELETE FROM logistics_proofline")


def test_the_number_of_statements_does_not_grow_with_lines(world, platform):
    def count(number):
        make.shipments(
            world.warehouse, [make.packed_unit(world.shop, world.product, quantities=[3] * number)]
        )
        make.departed(world.warehouse)
        due = Shipment.objects.get(status=states.IN_TRANSIT)
        with CaptureQueriesContext(connection) as queries:
            delivery.confirm(due.pk, capture=capture(), by=platform, at=NOON)
        return len(queries)

    assert count(1) == count(40)
