"""What a driver tells, at once or later: each action once, in its order, none lost."""

from datetime import timedelta

import pytest

from b2b.core.actor import acting_as
from b2b.core.errors import Invalid, NotFound
from logistics import states
from logistics.models import DriverAction, Evidence, ProofOfDelivery, Shipment, Stop, Trip
from logistics.policies.photo import LARGEST
from logistics.selectors import proofs
from logistics.services import driver, driver_pass
from logistics.services.driver import Action
from tests.factories import logistics as make

AT = make.MORNING
LATER = AT + timedelta(hours=2)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 50
JPEG = b"\xff\xd8\xff" + b"0" * 50


@pytest.fixture
def trip(world):
    units = [make.packed_unit(place, world.product) for place in (world.shop, world.rival_shop)]
    make.shipments(world.warehouse, units)
    (made,) = make.planned(world.warehouse)
    return made


@pytest.fixture
def held(trip):
    with acting_as(make.PLATFORM) as platform:
        secret = driver_pass.issue(trip.pk, by=platform, at=AT)
    return driver_pass.recognise(secret, at=AT)


def tell(held, *actions, at=LATER):
    pass_, actor = held
    with acting_as(actor):
        return [one.problem for one in driver.act(pass_, actions, by=actor, at=at)]


def aboard(trip):
    with acting_as(make.PLATFORM):
        return [str(drop.shipment_id) for drop in trip.drops.order_by("stop__sequence")]


def day(trip):
    """Return the actions of a day on which one shipment is delivered in part and one is not."""
    first, second = aboard(trip)
    return [
        Action("a", driver.START, AT + timedelta(minutes=5)),
        Action("b", driver.ARRIVE, AT + timedelta(minutes=40), {"stop": 1}),
        Action(
            "c",
            driver.DELIVER,
            AT + timedelta(minutes=50),
            {
                "shipment_id": first,
                "signer_name": "Chen Jie",
                "lines": [{"line_number": 1, "accepted_quantity": 7}],
            },
        ),
        Action(
            "d", driver.FAIL, AT + timedelta(minutes=70), {"shipment_id": second, "reason": "Nobody there"}
        ),
    ]


def test_a_day_told_late_is_as_if_told_at_once(world, trip, held, platform):
    assert tell(held, *day(trip)) == ["", "", "", ""]
    trip.refresh_from_db()
    assert (trip.status, trip.departed_at) == (states.COMPLETED, AT + timedelta(minutes=5))
    proof = ProofOfDelivery.objects.get()
    assert (proof.delivered_at, proof.capture_id) == (AT + timedelta(minutes=50), "c")
    assert [line.accepted_quantity for line in proof.lines.all()] == [7]
    assert Stop.objects.get(trip=trip, sequence=1).actual_arrival_at == AT + timedelta(minutes=40)
    assert set(Shipment.objects.values_list("status", flat=True)) == {states.DELIVERED, states.FAILED}


def test_told_again_nothing_changes_and_the_answer_is_the_same(trip, held, platform):
    actions = [*day(trip), Action("e", driver.START, AT + timedelta(minutes=80))]
    first = tell(held, *actions)
    assert first[-1] != "", "a trip starts once"
    for _ in range(2):
        assert tell(held, *actions) == first
    assert DriverAction.objects.count() == len(actions)
    assert ProofOfDelivery.objects.count() == 1


def test_one_that_is_refused_stops_none_after_it_and_is_kept(trip, held, platform):
    start, arrive, deliver, fail = day(trip)
    deliver.content["lines"] = [{"line_number": 1, "accepted_quantity": 11}]
    problems = tell(held, start, arrive, deliver, fail)
    assert [bool(problem) for problem in problems] == [False, False, True, False]
    assert "11 is not between 0 and the 10 shipped" in problems[2]
    kept = DriverAction.objects.get(action_id="c")
    assert kept.problem == problems[2]
    assert kept.content["lines"] == [{"line_number": 1, "accepted_quantity": 11}]
    assert not ProofOfDelivery.objects.exists()


def test_another_trip_is_out_of_reach(world, held, platform):
    other = make.haul(world.dealer, world.carrier)
    told = Action("x", driver.FAIL, AT, {"shipment_id": str(other.shipment.pk), "reason": "no"})
    assert tell(held, told) == ["the trip has no such shipment"]
    assert tell(held, Action("y", driver.ARRIVE, AT, {"stop": 99})) == ["the trip has no such stop"]
    assert tell(held, Action("z", "DANCE", AT)) != [""]


def test_links_end_with_time_and_with_the_next_one(trip, platform):
    first = driver_pass.issue(trip.pk, by=platform, at=AT)
    second = driver_pass.issue(trip.pk, by=platform, at=AT)
    with pytest.raises(NotFound):
        driver_pass.recognise(first, at=AT)
    assert driver_pass.recognise(second, at=AT)[0].trip_id == trip.pk
    with pytest.raises(NotFound):
        driver_pass.recognise(second, at=trip.returns_at + driver_pass.AFTER_RETURN)


def test_who_gives_out_links(world, trip):
    with acting_as(world.as_carrier) as who:
        assert driver_pass.issue(trip.pk, by=who, at=AT)
    for stranger in (world.as_other_carrier, world.as_dealer):
        with acting_as(stranger) as who, pytest.raises(NotFound):
            driver_pass.issue(trip.pk, by=who, at=AT)


def test_pictures_are_sealed_into_the_proof(world, trip, held, platform):
    start, _, deliver, _ = day(trip)
    tell(held, start)
    pass_, actor = held
    shipment = aboard(trip)[0]
    with acting_as(actor):
        for kind, content, name in (("PHOTO", JPEG, "photo_sha256"), ("SIGNATURE", PNG, "signature_sha256")):
            named = driver.keep_evidence(pass_, shipment, kind, content, by=actor, at=LATER)
            assert driver.keep_evidence(pass_, shipment, kind, content, by=actor, at=LATER) == named
            deliver.content[name] = named
    assert tell(held, deliver) == [""]
    assert Evidence.objects.count() == 2
    proof = ProofOfDelivery.objects.get()
    assert proof.signature_sha256 == deliver.content["signature_sha256"]
    assert proofs.first_break(platform, trip.pk) is None
    with acting_as(world.as_dealer):
        assert Evidence.objects.count() == 2
    with acting_as(world.as_rival):
        assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"GIF89a", "wrong_type"), (b"", "wrong_type"), (JPEG + bytes(LARGEST), "too_large")],
)
def test_what_is_no_picture_or_too_large_is_refused(trip, held, platform, content, code):
    pass_, actor = held
    with acting_as(actor), pytest.raises(Invalid) as refused:
        driver.keep_evidence(pass_, aboard(trip)[0], "PHOTO", content, by=actor, at=AT)
    assert refused.value.problems[0].code == code
    assert not Evidence.objects.exists()


def test_a_proof_names_no_picture_that_is_not_there(trip, held, platform):
    start, _, deliver, _ = day(trip)
    deliver.content["photo_sha256"] = "0" * 64
    assert tell(held, start, deliver)[1] == "a picture is missing; send it first"
    assert Trip.objects.get().status == states.DEPARTED
