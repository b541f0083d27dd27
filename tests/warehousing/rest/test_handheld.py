"""A handheld picks through the API."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from b2b.directory.models import Organization
from tests.factories import directory
from tests.factories.warehousing import AT, BY, World, product
from warehousing.models import Pick
from warehousing.services import demand, wave

Api = Callable[[Organization], Any]


@pytest.fixture
def client(world: World, api_as: Api) -> Any:
    world.product = product(gtin="09506000134352", sku="BOLT-8")
    for days in (300, 600):
        world.stock(10, lot=world.lot(AT.date() + timedelta(days=days)))
    demand.cover([world.demand_line(10)], at=AT)
    return api_as(world.warehouse.site.organization)


def post(client: Any, path: str, **body: Any) -> Any:
    return client.post(f"/api/v1/{path}", body, format="json")


def release(client: Any, world: World, **plan: Any) -> Any:
    return post(client, "waves/", warehouse=world.warehouse.code, **plan)


def test_a_list_is_claimed_picked_short_and_picked_again(world: World, client: Any) -> None:
    made = release(client, world, method="CLUSTER", route="R7", ship_to=[world.shop.code])
    assert (made.status_code, made.json()["method"], made.json()["route"]) == (201, "CLUSTER", "R7")
    mine = post(client, "pick-tasks/claim/", warehouse=world.warehouse.code, picker="ann").json()
    [task] = mine["tasks"]
    assert (task["sku"], task["place"], task["quantity"]) == ("BOLT-8", "01-01", 10)
    short = post(client, f"pick-tasks/{task['task']}/short/", quantity=6, picker="ann", place="01-01")
    assert (short.status_code, short.json()["picked_quantity"]) == (200, 6)
    [again] = post(client, "pick-tasks/claim/", warehouse=world.warehouse.code, picker="ann").json()["tasks"]
    assert again["quantity"] == 4
    goods = f"]d20109506000134352{'17'}{again['expiry_date'][2:].replace('-', '')}10{again['lot_number']}"
    done = post(client, f"pick-tasks/{again['task']}/confirm/", quantity=4, picker="ann", goods=goods)
    assert (done.status_code, done.json()["status"]) == (200, "PICKED")
    assert Pick.objects.count() == 2
    none = post(client, "pick-tasks/claim/", warehouse=world.warehouse.code, picker="ann")
    assert (none.status_code, none.json()["code"]) == (409, "nothing_to_pick")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"quantity": -1}, 422, "invalid"),
        ({"quantity": 11}, 422, "invalid"),
        ({"quantity": 10, "goods": "(01)09506000134353"}, 422, "scan_error"),
        ({"quantity": 10, "goods": "(01)09506000134369"}, 422, "wrong_scan"),
        ({"quantity": 10, "goods": "(10)LOT"}, 422, "wrong_scan"),
        ({"quantity": 10, "place": "99-99"}, 422, "wrong_scan"),
        ({"quantity": 10, "into": "106141412345678908"}, 404, "not_found"),
        ({"quantity": 10, "picker": "bob"}, 409, "claimed_by_somebody_else"),
    ],
)
def test_what_is_wrong_says_what_to_do(
    world: World, client: Any, body: dict[str, Any], status: int, code: str
) -> None:
    release(client, world)
    [task] = post(client, "pick-tasks/claim/", warehouse=world.warehouse.code, picker="ann").json()["tasks"]
    answer = post(client, f"pick-tasks/{task['task']}/confirm/", **{"picker": "ann", **body})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    if status == 422 and code != "invalid":
        assert all(problem["remedy"] for problem in answer.json()["errors"])
    assert not Pick.objects.exists()


@pytest.mark.parametrize("task", ["no-such.1", "1", "WV-1.9999999999999", "WV.x"])
def test_a_task_nobody_knows(client: Any, task: str) -> None:
    assert post(client, f"pick-tasks/{task}/confirm/", quantity=1).status_code == 404


def test_a_site_or_carrier_nobody_knows(world: World, client: Any) -> None:
    assert release(client, world, ship_to=["nowhere"]).status_code == 404
    assert release(client, world, carrier="nobody").status_code == 404
    carrier = directory.organization("carrier")
    assert release(client, world, carrier=carrier.code).json()["carrier"] == carrier.code


def test_a_dealer_picks_nothing(world: World, client: Any, api_as: Api) -> None:
    work = wave.release(world.warehouse.pk, by=BY, at=AT)
    dealer = api_as(world.dealer)
    assert post(dealer, "pick-tasks/claim/", warehouse=world.warehouse.code).status_code == 403
    assert post(dealer, f"pick-tasks/{work.number}.1/confirm/", quantity=10).status_code == 403
