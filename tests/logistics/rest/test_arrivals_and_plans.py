"""Callers read when their shipments arrive; the operator's programs ask for route plans and follow them."""

from __future__ import annotations

import pytest

from b2b.core.actor import acting_as
from logistics.services import plan_worker
from tests.factories import catalog, directory
from tests.factories import logistics as make

ROUTES = "/api/v1/route-plans/"


@pytest.fixture
def operator(db, api_as):
    return api_as(directory.operator())


def open_all_day():
    """Have a shipment wait where vehicle, shop and warehouse know no night."""
    warehouse = directory.warehouse(latitude="30.500000", longitude="114.300000")
    shop = directory.site(
        directory.dealer(), latitude="30.600000", longitude="114.300000", opens="00:00", closes="23:59:59"
    )
    van = make.vehicle(
        directory.carrier(), warehouse_site=warehouse, shift_start="00:00", shift_end="23:59:59"
    )
    make.shipments(warehouse, [make.packed_unit(shop, catalog.product())])
    return warehouse, van


def test_a_dealer_reads_when_its_shipment_arrives(db, api_as):
    dealer = directory.dealer()
    made = make.haul(dealer, directory.carrier())
    assert make.arrivals_told() == 1
    (told,) = api_as(dealer).get(f"/api/v1/shipments/{made.shipment.pk}/arrivals/").json()["results"]
    assert told["p50_at"] <= told["p80_at"]
    assert told["is_late"] is False
    assert (
        api_as(directory.dealer()).get(f"/api/v1/shipments/{made.shipment.pk}/arrivals/").status_code == 404
    )


def test_a_plan_is_asked_for_followed_and_accepted(operator):
    dealer, carrier = directory.dealer(), directory.carrier()
    warehouse = directory.warehouse(latitude="30.500000", longitude="114.300000")
    shop = directory.site(
        dealer, latitude="30.600000", longitude="114.300000", opens="00:00", closes="23:59:59"
    )
    van = make.vehicle(carrier, warehouse_site=warehouse, shift_start="00:00", shift_end="23:59:59")
    make.shipments(warehouse, [make.packed_unit(shop, catalog.product())])
    asked = operator.post(ROUTES, {"warehouse": warehouse.code, "seconds": 1, "seed": 5}, format="json")
    assert asked.status_code == 202
    plan = f"{ROUTES}{asked.json()['id']}/"
    assert (asked.json()["status"], asked.json()["seed"], asked.json()["changes"]) == ("QUEUED", 5, None)
    assert operator.post(f"{plan}accept/").status_code == 409
    with acting_as(make.PLATFORM) as platform:
        plan_worker.work_all(by=platform)
    found = operator.get(plan).json()
    assert (found["status"], found["findings"], len(found["changes"]["added"])) == ("FOUND", [], 1)
    assert float(found["curve"][-1]["cost"]) > 0
    (trip,) = operator.post(f"{plan}accept/").json()["trips"]
    assert trip["vehicle"] == van.code
    assert operator.get(f"{ROUTES}?status=ACCEPTED").json()["results"][0]["number"] == found["number"]


def test_what_cannot_be_asked_is_said_at_its_place(operator):
    refused = operator.post(ROUTES, {"warehouse": "NONE", "without": ["GHOST"]}, format="json").json()
    assert [problem["code"] for problem in refused["errors"]] == ["unknown_warehouse", "unknown_vehicle"]
    empty = directory.warehouse()
    refused = operator.post(ROUTES, {"warehouse": empty.code}, format="json").json()
    assert {problem["code"] for problem in refused["errors"]} == {"nothing_waits", "no_fleet"}


def test_a_plan_is_called_off_and_asked_again(operator):
    warehouse, _ = open_all_day()
    made = operator.post(ROUTES, {"warehouse": warehouse.code}, format="json").json()
    plan = f"{ROUTES}{made['id']}/"
    assert operator.post(f"{plan}cancel/").json()["status"] == "CANCELLED"
    assert operator.post(f"{plan}cancel/").status_code == 409
    assert operator.post(f"{plan}again/").json()["status"] == "QUEUED"
