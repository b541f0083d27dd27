"""The API of logistics, as its parties use it, and as their rivals try to."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core import clock
from b2b.core.actor import acting_as
from logistics import states
from logistics.models import Shipment, Trip
from tests.factories import directory
from tests.factories import logistics as make

NOON = make.MORNING + timedelta(hours=4)


@pytest.fixture(autouse=True)
def at_noon():
    """Let the platform live in the day of the test."""
    with clock.travel(NOON):
        yield


@pytest.fixture
def operator(api_as):
    return api_as(directory.operator())


@pytest.fixture
def trip(world):
    units = [make.packed_unit(place, world.product) for place in (world.shop, world.rival_shop)]
    make.shipments(world.warehouse, units)
    (made,) = make.departed(world.warehouse)
    return made


def shipment_of(dealer):
    with acting_as(make.PLATFORM):
        return Shipment.objects.get(dealer=dealer)


def test_the_operator_plans_a_carrier_departs_and_delivers_and_the_dealer_reads(world, api_as, operator):
    units = [
        make.packed_unit(world.shop, world.product),
        make.packed_unit(world.shop, world.product, weight_g=10**8),
    ]
    for unit in units:
        make.shipments(world.warehouse, [unit])
    planned = operator.post("/api/v1/trips/", {"warehouse": world.warehouse.code, "seconds": 1})
    assert planned.status_code == 201, planned.content
    (left,) = planned.json()["left_out"]
    assert left["reason"] == "TOO_HEAVY"
    (made,) = planned.json()["trips"]
    carrier = api_as(world.carrier)
    assert carrier.post(f"/api/v1/trips/{made['id']}/depart/", {}).json()["status"] == states.DEPARTED
    (stop,) = carrier.get(f"/api/v1/trips/{made['id']}/").json()["stops"]
    assert stop["name"] == world.shop.name
    address = f"/api/v1/shipments/{stop['shipments'][0]['shipment_id']}"
    told = {"source": "gps", "source_event_id": "1", "kind": "ARRIVED", "occurred_at": NOON.isoformat()}
    told["position"] = {"latitude": 30.6000001, "longitude": 114.3}
    for new in (1, 0):
        assert carrier.post(f"{address}/tracking/", {"events": [told]}).json() == {"new": new}
    proof = {
        "capture_id": "c1",
        "signer_name": "Chen Jie",
        "position": {"latitude": 30.6, "longitude": 114.3},
    }
    proof["lines"] = [{"line_number": 1, "accepted_quantity": 9, "reason": "dented"}]
    for _ in range(2):
        signed = carrier.post(f"{address}/delivery/", proof)
        assert (signed.status_code, signed.json()["distance_m"]) == (201, 0)
    dealer = api_as(world.dealer)
    shown = dealer.get(f"{address}/").json()
    assert (shown["status"], shown["tracking_status"]) == (states.DELIVERED, "DELIVERED")
    assert float(shown["freight_amount"]) > 0
    assert dealer.get(f"{address}/delivery/").json()["lines"][0]["short_quantity"] == 1
    kinds = [event["kind"] for event in dealer.get(f"{address}/tracking/").json()["results"]]
    assert sorted(kinds) == ["ARRIVED", "DELIVERED", "IN_TRANSIT"]


def test_carriers_see_no_prices_of_dealers(world, api_as, trip):
    found = api_as(world.carrier).get("/api/v1/shipments/").json()["results"]
    assert {(shown["freight_amount"], shown["currency"]) for shown in found} == {(None, None)}


def test_a_rival_finds_nothing(world, api_as, trip):
    mine = shipment_of(world.dealer)
    address = f"/api/v1/shipments/{mine.pk}/"
    for stranger in (world.rival, world.other_carrier):
        client = api_as(stranger)
        for part in ("", "tracking/", "delivery/"):
            assert client.get(address + part).status_code == 404
        numbers = [shown["number"] for shown in client.get("/api/v1/shipments/").json()["results"]]
        assert mine.number not in numbers
    other = api_as(world.other_carrier)
    assert other.get(f"/api/v1/trips/{trip.pk}/").status_code == 404
    assert other.post(f"/api/v1/trips/{trip.pk}/depart/", {}).status_code == 404
    assert other.post(f"{address}failure/", {"reason": "x"}).status_code == 404
    proof = {"capture_id": "c", "signer_name": "x"}
    assert other.post(f"{address}delivery/", proof).status_code == 404
    assert other.get("/api/v1/vehicles/").json()["results"] == []


@pytest.mark.parametrize("part", ["delivery/", "failure/", "tracking/", "retry/"])
def test_a_dealer_may_only_look(world, api_as, trip, part):
    address = f"/api/v1/shipments/{shipment_of(world.dealer).pk}/{part}"
    answer = api_as(world.dealer).post(address, {"reason": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_kind")


def test_trips_are_no_business_of_dealers_and_planning_none_of_carriers(world, api_as, trip):
    assert api_as(world.dealer).get("/api/v1/trips/").status_code == 403
    answer = api_as(world.carrier).post("/api/v1/trips/", {"warehouse": world.warehouse.code})
    assert answer.status_code == 403


def test_faults_name_their_place(world, api_as, operator, trip):
    answer = operator.post("/api/v1/trips/", {"warehouse": "nowhere"})
    assert answer.json()["errors"][0]["pointer"] == "/warehouse"
    address = f"/api/v1/shipments/{shipment_of(world.dealer).pk}/delivery/"
    proof = {"capture_id": "c", "signer_name": "x", "lines": [{"line_number": 1, "short_quantity": 11}]}
    answer = operator.post(address, proof)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_accounted_for")
    assert answer.json()["errors"][0]["pointer"] == "/lines/0"
    proof["lines"] = [{"line_number": 1}]
    assert operator.post(address, proof).status_code == 422


def test_a_failed_delivery_is_tried_again(world, api_as, operator, trip):
    address = f"/api/v1/shipments/{shipment_of(world.dealer).pk}/"
    failed = api_as(world.carrier).post(f"{address}failure/", {"reason": "closed"})
    assert failed.json()["status"] == states.FAILED
    again = operator.post(f"{address}retry/", {"reason": "they are back"})
    assert (again.json()["status"], again.json()["carrier"]) == (states.READY, None)
    assert api_as(world.carrier).get(address).status_code == 404
    assert api_as(world.carrier).get(f"/api/v1/trips/{trip.pk}/").status_code == 200


def test_a_trip_is_called_off(world, operator, api_as):
    make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product)])
    (made,) = make.planned(world.warehouse)
    answer = operator.post(f"/api/v1/trips/{made.pk}/cancel/", {"reason": "snow"})
    assert answer.json()["status"] == states.CANCELLED
    assert (
        operator.get(f"/api/v1/trips/{made.pk}/").json()["stops"][0]["shipments"][0]["outcome"] == "CANCELLED"
    )


def test_lists_filter_and_vehicles_are_the_carriers_own(world, api_as, trip):
    carrier = api_as(world.carrier)
    assert [one["code"] for one in carrier.get("/api/v1/vehicles/").json()["results"]] == [world.vehicle.code]
    listed = carrier.get("/api/v1/shipments/", {"status": "IN_TRANSIT", "ship_to": world.shop.code}).json()[
        "results"
    ]
    assert [one["ship_to"] for one in listed] == [world.shop.code]
    assert carrier.get("/api/v1/trips/", {"status": "PLANNED"}).json()["results"] == []


def test_the_number_of_statements_does_not_grow(world, api_as):
    def count(number):
        for _ in range(number):
            make.shipments(
                world.warehouse, [make.packed_unit(world.shop, world.product, quantities=[1] * number)]
            )
        (made,) = make.departed(world.warehouse)
        addresses = ["/api/v1/shipments/", f"/api/v1/trips/{made.pk}/"]
        counted = []
        for address in addresses:
            client = api_as(world.carrier)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            counted.append(len(queries))
        with acting_as(make.PLATFORM):
            Trip.objects.filter(pk=made.pk).update(status=states.COMPLETED)
        return counted

    assert count(1) == count(6)
