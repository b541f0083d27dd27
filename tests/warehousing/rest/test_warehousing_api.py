"""The warehouse through the API."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from b2b.directory.models import Organization
from tests.factories import directory
from tests.factories.warehousing import BY, World, product
from warehousing.models import Package, Quant, StockLedgerEntry, Wave
from warehousing.services import demand, packing, picking, receipt, wave

Api = Callable[[Organization], Any]


@pytest.fixture
def operator(world: World, api_as: Api) -> Any:
    return api_as(world.warehouse.site.organization)


def post(client: Any, path: str, **body: Any) -> Any:
    return client.post(f"/api/v1/{path}", body, format="json")


def get(client: Any, path: str) -> Any:
    return client.get(f"/api/v1/{path}")


def test_goods_are_received_as_counted(world: World, at: datetime, operator: Any) -> None:
    arriving = receipt.expect(world.advice((world.product, 10)), by=BY, at=at)
    address = f"receipts/{arriving.pk}/"
    assert get(operator, address).json()["lines"][0]["expected_quantity"] == 10
    count = {"line_number": 1, "accepted_quantity": 8, "rejected_quantity": 2, "rejection_reason": "wet"}
    answer = post(operator, f"{address}receive/", lines=[count])
    assert answer.status_code == 200, answer.content
    assert answer.json()["status"] == "RECEIVED"
    stock = get(operator, f"stock/?sku={world.product.sku}&location_kind=STORAGE").json()["results"]
    assert [row["free"] for row in stock] == [8]
    assert len(get(operator, "stock/movements/").json()["results"]) == 4


@pytest.mark.parametrize(
    ("lines", "status", "code"),
    [
        ([{"line_number": 1, "accepted_quantity": 99}], 409, "over_receipt"),
        ([{"line_number": 1, "accepted_quantity": -1}], 422, "invalid"),
        ([{"line_number": 7, "accepted_quantity": 1}], 422, "invalid"),
        ([], 422, "invalid"),
    ],
)
def test_a_wrong_count_changes_nothing(
    world: World, at: datetime, operator: Any, lines: list[Any], status: int, code: str
) -> None:
    arriving = receipt.expect(world.advice((world.product, 10)), by=BY, at=at)
    answer = post(operator, f"receipts/{arriving.pk}/receive/", lines=lines)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not StockLedgerEntry.objects.exists()


def test_without_a_count_everything_came_as_advised(world: World, at: datetime, operator: Any) -> None:
    arriving = receipt.expect(world.advice((world.product, 10)), by=BY, at=at)
    answer = post(operator, f"receipts/{arriving.pk}/receive/")
    assert answer.json()["lines"][0]["accepted_quantity"] == 10
    again = post(operator, f"receipts/{arriving.pk}/receive/")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")


def test_a_factory_sees_its_own_receipts_and_receives_none(world: World, at: datetime, api_as: Api) -> None:
    mine = receipt.expect(world.advice((world.product, 10)), by=BY, at=at)
    own, rival = api_as(world.factory), api_as(directory.factory_organization())
    assert [row["id"] for row in get(own, "receipts/").json()["results"]] == [str(mine.pk)]
    assert get(own, f"receipts/{mine.pk}/").status_code == 200
    assert get(rival, "receipts/").json()["results"] == []
    assert get(rival, f"receipts/{mine.pk}/").status_code == 404
    assert post(own, f"receipts/{mine.pk}/receive/").status_code == 403


def test_a_wave_is_released_picked_and_packed(world: World, at: datetime, operator: Any) -> None:
    world.stock(10)
    demand.cover([world.demand_line(4), world.demand_line(3)], at=at)
    made = post(operator, "waves/", warehouse=world.warehouse.code)
    assert made.status_code == 201, made.content
    address = f"waves/{made.json()['id']}/"
    picked = post(operator, f"{address}pick/", tasks=[{"task_number": 1, "picked_quantity": 4}])
    assert [task["status"] for task in picked.json()["tasks"]] == ["PICKED", "OPEN"]
    assert post(operator, f"{address}pick/").json()["status"] == "PICKED"
    packed = post(operator, f"{address}pack/")
    assert packed.status_code == 200, packed.content
    [package] = packed.json()["packages"]
    assert [line["quantity"] for line in package["lines"]] == [4, 3]
    assert get(operator, f"packages/{package['sscc']}/").json()["weight_g"] == 7 * world.product.weight_g
    assert get(operator, f"{address}").json()["status"] == "PACKED"


def test_waves_of_nothing_and_of_nowhere_are_refused(world: World, operator: Any) -> None:
    assert post(operator, "waves/", warehouse=world.warehouse.code).json()["code"] == "nothing_to_pick"
    assert post(operator, "waves/", warehouse="nowhere").status_code == 404
    assert not Wave.objects.exists()


def test_a_task_named_twice_or_unknown_is_refused(world: World, at: datetime, operator: Any) -> None:
    world.stock(10)
    demand.cover([world.demand_line(4)], at=at)
    work = wave.release(world.warehouse.pk, by=BY, at=at)
    one = {"task_number": 1, "picked_quantity": 1}
    for tasks, code in (([one, one], "named_twice"), ([{**one, "task_number": 9}], "unknown_task")):
        answer = post(operator, f"waves/{work.pk}/pick/", tasks=tasks)
        assert answer.status_code == 422
        assert [error["code"] for error in answer.json()["errors"]] == [code]


def test_a_dealer_sees_its_own_packages_only(world: World, at: datetime, api_as: Api) -> None:
    world.stock(10)
    line = world.demand_line(4)
    demand.cover([line], at=at)
    work = wave.release(world.warehouse.pk, by=BY, at=at)
    picking.confirm(work.pk, by=BY, at=at)
    [package] = packing.pack(work.pk, by=BY, at=at)
    own, rival = api_as(world.dealer), api_as(directory.dealer())
    found = get(own, f"packages/?order_id={line.order_id}").json()["results"]
    assert [row["sscc"] for row in found] == [package.sscc]
    assert found[0]["lines"][0]["order_id"] == str(line.order_id)
    assert get(rival, "packages/").json()["results"] == []
    assert get(rival, f"packages/{package.sscc}/").status_code == 404
    assert get(own, "packages/000000000000000000/").status_code == 404
    for path in ("stock/", "stock/movements/", "waves/", "receipts/"):
        assert get(own, path).status_code == 403


def test_lists_take_the_same_statements_for_more_rows(
    world: World, at: datetime, operator: Any, django_assert_max_num_queries: Any
) -> None:
    def ship() -> None:
        item = product()
        world.stock(10, of=item)
        demand.cover([world.demand_line(4, of=item)], at=at)
        work = wave.release(world.warehouse.pk, by=BY, at=at)
        picking.confirm(work.pk, by=BY, at=at)
        packing.pack(work.pk, by=BY, at=at)

    ship()
    for path in ("packages/", "stock/", "stock/movements/", "waves/"):
        with django_assert_max_num_queries(30) as few:
            get(operator, path)
        ship()
        ship()
        with django_assert_max_num_queries(len(few)):
            get(operator, path)
    assert Package.objects.count() == 9


def test_a_count_names_what_it_does_not_know(world: World, operator: Any) -> None:
    world.stock(10)
    shelf = {"warehouse": world.warehouse.code, "location": "01-01", "sku": world.product.sku}
    told = post(operator, "stock/counts/", **shelf, counted=7, reason="cycle count")
    assert (told.status_code, told.json()["status"], told.json()["difference"]) == (201, "BOOKED", -3)
    refused = post(
        operator, "stock/counts/", **{**shelf, "sku": "none", "location": "x"}, counted=1, reason="?"
    )
    assert [error["code"] for error in refused.json()["errors"]] == ["unknown_location", "unknown_product"]
    assert Quant.objects.get().on_hand == 7


def test_an_adjustment_is_of_the_goods_of_their_owner(world: World, operator: Any) -> None:
    world.stock(10, owner=world.dealer)
    shelf = {"warehouse": world.warehouse.code, "location": "01-01", "sku": world.product.sku}
    told = post(
        operator, "stock/counts/", **shelf, owner=world.dealer.code, counted=9, reason="one broken"
    ).json()
    assert (told["status"], told["difference"]) == ("BOOKED", -1)
    held = Quant.objects.get()
    assert (held.owner, held.on_hand) == (world.dealer, 9)
    refused = post(operator, "stock/counts/", **shelf, owner="nobody", sscc="1", counted=9, reason="?")
    assert [error["code"] for error in refused.json()["errors"]] == ["unknown_unit", "unknown_owner"]


def test_a_large_adjustment_waits_for_somebody_else(world: World, operator: Any, api_as: Api) -> None:
    world.stock(500)
    shelf = {"warehouse": world.warehouse.code, "location": "01-01", "sku": world.product.sku}
    told = post(operator, "stock/counts/", **shelf, counted=0, reason="burnt down").json()
    assert (told["status"], told["difference"], Quant.objects.get().on_hand) == ("HELD", -500, 500)
    path = f"counts/{told['count_id']}/lines/1/approve/"
    assert post(operator, path, reason="saw it").json()["code"] == "same_eyes"
    somebody = api_as(world.warehouse.site.organization)
    assert post(somebody, path, reason="saw it").json()["status"] == "BOOKED"
    assert get(somebody, f"counts/{told['count_id']}/").json()["reason"] == "burnt down"
    assert not Quant.objects.filter(location__kind="STORAGE", on_hand__gt=0).exists()
    unsaid = post(operator, "stock/counts/", **shelf, counted=1, reason=" ")
    assert unsaid.status_code == 422


def test_a_handheld_counts_and_is_not_told_the_books(world: World, at: datetime, operator: Any) -> None:
    world.stock(100)
    answer = post(operator, "counts/", warehouse=world.warehouse.code)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (len(made["lines"]), made["lines"][0]["expected_quantity"]) == (1, None)
    found = {"location": world.places["STORAGE"].code, "goods": world.product.sku, "counted": 90}
    told = post(operator, f"counts/{made['id']}/lines/", **found).json()
    assert (told["status"], told["expected_quantity"], told["variance"]) == ("RECOUNT", None, None)
    told = post(operator, f"counts/{made['id']}/lines/", **found).json()
    assert (told["status"], told["expected_quantity"], told["variance"]) == ("BOOKED", 100, -10)
    assert get(operator, f"counts/{made['id']}/").json()["status"] == "DONE"
    assert Quant.objects.get(location=world.places["STORAGE"]).on_hand == 90
    wrong = post(
        operator, f"counts/{made['id']}/lines/", **{**found, "location": "nowhere", "goods": "nothing"}
    )
    assert {problem["code"] for problem in wrong.json()["errors"]} == {
        "unknown_location",
        "unknown_product",
    }
