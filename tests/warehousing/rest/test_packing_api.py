"""A packing station through the API: cartons filled, weighed, closed, parted, put together and stacked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from b2b.directory.models import Organization
from tests.factories.warehousing import AT, BY, World, product
from warehousing.models import HandlingUnit, Package, Wave
from warehousing.services import demand, picking, wave

Api = Callable[[Organization], Any]


@pytest.fixture
def work(world: World) -> Wave:
    """Twelve bolts of one kilogram and four nuts, picked for one shop."""
    world.product = product(sku="BOLT-8")
    nuts = product(sku="NUT-8")
    world.stock(12)
    world.stock(4, of=nuts)
    demand.cover([world.demand_line(12), world.demand_line(4, of=nuts)], at=AT)
    return picking.confirm(wave.release(world.warehouse.pk, by=BY, at=AT).pk, by=BY, at=AT)


@pytest.fixture
def station(world: World, work: Wave, api_as: Api) -> Any:
    return api_as(world.warehouse.site.organization)


def post(station: Any, path: str, expected: int = 200, **body: Any) -> Any:
    answer = station.post(f"/api/v1/{path}", body, format="json")
    assert answer.status_code == expected, answer.content
    return answer.json()


def opened(station: Any, world: World, work: Wave) -> str:
    made = post(station, "packages/open/", 201, wave_id=str(work.pk), ship_to=world.shop.code)
    assert (made["status"], made["lines"], made["is_blocked"]) == ("OPEN", [], False)
    return str(made["sscc"])


def test_a_carton_is_filled_weighed_and_closed_and_opened_again(
    station: Any, world: World, work: Wave
) -> None:
    code = opened(station, world, work)
    filled = post(station, f"packages/{code}/put/", goods="BOLT-8", quantity=5)
    assert [(line["sku"], line["quantity"]) for line in filled["lines"]] == [("BOLT-8", 5)]
    assert filled["weight_g"] == 5_000
    wrong = post(station, f"packages/{code}/close/", 422, gross_weight_g=50_000)
    assert [one["code"] for one in wrong["errors"]] == ["wrong_weight"]
    closed = post(station, f"packages/{code}/close/", gross_weight_g=5_100)
    assert (closed["status"], closed["weight_g"]) == ("PACKED", 5_100)
    assert post(station, f"packages/{code}/put/", 409, goods="BOLT-8", quantity=1)["code"]
    assert post(station, f"packages/{code}/reopen/")["status"] == "OPEN"
    assert post(station, f"packages/{code}/unpack/")["status"] == "UNPACKED"
    assert HandlingUnit.objects.get(sscc=code).status == "EMPTY"


def test_cartons_are_parted_and_put_together(station: Any, world: World, work: Wave) -> None:
    one, other = opened(station, world, work), opened(station, world, work)
    post(station, f"packages/{one}/put/", goods="BOLT-8", quantity=12)
    post(station, f"packages/{one}/put/", goods="NUT-8", quantity=4)
    parted = post(station, f"packages/{one}/shift/", into=other, sku="BOLT-8", quantity=7)
    assert [(line["sku"], line["quantity"]) for line in parted["lines"]] == [("BOLT-8", 7)]
    merged = post(station, f"packages/{other}/shift/", into=one)
    assert {line["sku"]: line["quantity"] for line in merged["lines"]} == {"BOLT-8": 12, "NUT-8": 4}
    too_much = post(station, f"packages/{one}/shift/", 422, into=other, sku="NUT-8", quantity=5)
    assert [error["code"] for error in too_much["errors"]] == ["wrong_quantity"]


def test_cartons_stand_on_a_pallet_and_more_are_put_on_it(station: Any, world: World, work: Wave) -> None:
    codes = []
    for goods, quantity in (("BOLT-8", 12), ("NUT-8", 4)):
        code = opened(station, world, work)
        post(station, f"packages/{code}/put/", goods=goods, quantity=quantity)
        post(station, f"packages/{code}/close/")
        codes.append(code)
    house = world.warehouse.code
    pallet = post(station, "pallets/", 201, warehouse=house, packages=codes[:1])["sscc"]
    again = post(station, "pallets/", 201, warehouse=house, packages=codes[1:], pallet=pallet)
    assert again["sscc"] == pallet
    above = set(Package.objects.values_list("handling_unit__parent__sscc", flat=True))
    assert above == {pallet}
    assert post(station, "pallets/", 404, warehouse=house, packages=["0" * 18])["code"] == "not_found"


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("packages/open/", {"wave_id": "no", "ship_to": "x"}, "/wave_id"),
        ("pallets/", {"warehouse": "x", "packages": []}, "/packages"),
        ("pallets/", {"warehouse": "x", "packages": ["12"]}, "/packages/0"),
    ],
)
def test_bad_bodies_are_named(station: Any, path: str, body: dict[str, Any], pointer: str) -> None:
    told = post(station, path, 422, **body)
    assert pointer in [error["pointer"] for error in told["errors"]]


def test_a_closed_package_is_pulled_for_a_reason(station: Any, world: World) -> None:
    code = world.packed().sscc
    refused = post(station, f"packages/{code}/pull/", 422)
    assert [one["code"] for one in refused["errors"]] == ["no_reason"]
    assert post(station, f"packages/{code}/pull/", reason="crushed")["status"] == "PULLED"
    assert post(station, f"packages/{code}/pull/", 409, reason="crushed")["code"]
