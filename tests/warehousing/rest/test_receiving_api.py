"""A handheld at the gate and on the floor, through the API."""

import base64

import pytest

from b2b.core.actor import acting_as, system
from tests.factories.directory import organization
from tests.factories.warehousing import World
from warehousing.models import Quant, ReceivingRule, Warehouse

pytestmark = pytest.mark.django_db
RECEIPTS = "/api/v1/receipts/"


@pytest.fixture
def house(db) -> World:
    with acting_as(system("test")):
        world = World.build(operator=organization("operator"))
        Warehouse.objects.update(directs_putaway=True)
        return world


@pytest.fixture
def gun(api_as, house: World):
    with acting_as(system("test")):
        return api_as(house.warehouse.site.organization)


def test_a_delivery_is_counted_closed_and_put_away(gun, house: World) -> None:
    with acting_as(system("test")):
        due = house.expected(10)
    scans = f"{RECEIPTS}{due.pk}/scans/"
    body = {"code": house.product.sku, "quantity": 7, "key": "gun-1"}
    first = gun.post(scans, body)
    assert first.status_code == 201, first.content
    assert first.json()["scans"][0]["quantity"] == 7
    assert gun.post(scans, body).json() == first.json()
    photo = base64.b64encode(b"\xff\xd8\xff a photo").decode()
    hurt = gun.post(
        scans, {"code": house.product.sku, "quantity": 2, "damaged": True, "reason": "wet", "photo": photo}
    )
    assert hurt.status_code == 201, hurt.content
    assert len(gun.get(scans).json()["results"]) == 2
    back = gun.post(f"{scans}{hurt.json()['scans'][0]['id']}/take-back/", {})
    assert back.json()["is_void"] is True
    assert gun.post(f"{RECEIPTS}{due.pk}/book/", {}).status_code == 200
    closed = gun.post(f"{RECEIPTS}{due.pk}/close/", {})
    assert closed.json()["status"] == "RECEIVED"

    claimed = gun.post("/api/v1/putaway-tasks/claim/", {"warehouse": house.warehouse.code})
    [task] = claimed.json()["tasks"]
    assert (task["quantity"], task["source"]) == (7, "RECEIVING")
    done = gun.post("/api/v1/putaway-tasks/confirm/", {"tasks": [{"task_id": task["id"]}]})
    assert done.json()["tasks"][0]["status"] == "DONE"
    with acting_as(system("test")):
        assert Quant.objects.get(on_hand__gt=0).location.code == task["destination"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"code": "what?"}, "unknown_code"),
        ({"quantity": -3}, "bad_quantity"),
        ({"quantity": 11}, "over_receipt"),
        ({"unit": "PF"}, "wrong_unit"),
        ({"code": "095212340000000001"}, "wrong_check_digit"),
        ({"photo": "not base64!"}, "invalid"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(gun, house: World, given, code) -> None:
    with acting_as(system("test")):
        due = house.expected(10)
    answer = gun.post(f"{RECEIPTS}{due.pk}/scans/", {"code": house.product.sku, **given})
    assert answer.status_code in (409, 422), answer.content
    assert code in [one["code"] for one in answer.json()["errors"]]
    assert gun.get(f"{RECEIPTS}{due.pk}/scans/").json()["results"] == []


def test_an_inspection_and_found_goods(gun, house: World) -> None:
    with acting_as(system("test")):
        ReceivingRule.objects.create(inspection_level="II", aql="2.5")
        due = house.expected(200)
    gun.post(f"{RECEIPTS}{due.pk}/receive/", {})
    [held] = gun.get("/api/v1/inspections/?status=OPEN").json()["results"]
    assert (held["sample_size"], held["acceptance_number"]) == (32, 2)
    address = f"/api/v1/inspections/{held['id']}/"
    assert gun.post(f"{address}judge/", {"nonconforming": 33}).status_code == 422
    assert gun.post(f"{address}judge/", {"nonconforming": 3, "finding": "bent"}).json()["status"] == "FAILED"
    sorted_ = gun.post(f"{address}decide/", {"verdict": "sort", "accepted": 150, "reason": "by hand"})
    assert (sorted_.json()["accepted_quantity"], sorted_.json()["rejected_quantity"]) == (150, 50)
    disposed = gun.post(
        f"{RECEIPTS}{due.pk}/dispose-rejected/", {"lines": [{"line_number": 1, "send_back": 50}]}
    )
    assert disposed.status_code == 200, disposed.content

    found = gun.post("/api/v1/found-goods/", {
        "warehouse": house.warehouse.code, "quantity": 3, "description": "green boxes",
    })  # fmt: skip
    assert found.status_code == 201, found.content
    taken = gun.post(f"/api/v1/found-goods/{found.json()['id']}/take-in/", {"sku": house.product.sku})
    assert taken.json()["status"] == "TAKEN_IN"
    unknown = gun.post(f"/api/v1/found-goods/{found.json()['id']}/take-in/", {"owner": "nobody"})
    assert unknown.status_code == 422


@pytest.mark.parametrize(("verb", "status"), [("send-back", "SENT_BACK"), ("destroy", "DESTROYED")])
def test_found_goods_are_sent_back_or_destroyed_once_and_say_why(
    gun, house: World, verb: str, status: str
) -> None:
    given = {"warehouse": house.warehouse.code, "quantity": 3, "description": "green boxes"}
    found = gun.post("/api/v1/found-goods/", given).json()
    address = f"/api/v1/found-goods/{found['id']}/{verb}/"
    assert gun.post(address, {}).status_code == 422
    assert gun.post(address, {"reason": "not ours"}).json()["status"] == status
    assert gun.post(address, {"reason": "again"}).status_code == 409
    assert gun.post(f"/api/v1/found-goods/{found['id']}/take-in/", {}).status_code == 409
