from datetime import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from b2b.core.errors import Invalid
from b2b.core.ids import uuid7
from tests.factories.directory import site
from tests.factories.warehousing import World
from warehousing.models import Promise, SourcingCost, Warehouse
from warehousing.services import demand, movement, sourcing, warehouse


def second_house(world: World) -> Warehouse:
    return warehouse.open_at(site(world.warehouse.site.organization, "WAREHOUSE").pk)


def stock(house: Warehouse, world: World, quantity: int, at: datetime) -> None:
    places = dict(house.locations.values_list("kind", "pk"))
    move = movement.Move(world.product.pk, places["SUPPLIER"], places["STORAGE"], quantity)
    movement.post([move], at=at, document_type="test", document_id=uuid7())


def cost(house: Warehouse, leg: str, *, split: str = "0") -> None:
    sourcing.declare(house.pk, leg=Decimal(leg), km=Decimal(0), kg=Decimal(0), split=Decimal(split))


def promised() -> dict[int, tuple[int, str]]:
    rows = Promise.objects.values_list("book__warehouse_id", "quantity", "reason")
    return {house: (quantity, reason) for house, quantity, reason in rows}


def test_the_cheapest_warehouse_serves_and_says_why(world: World, at: datetime) -> None:
    near, far = second_house(world), world.warehouse
    for house, leg in ((near, "10"), (far, "50")):
        stock(house, world, 10, at)
        cost(house, leg)
    line = world.demand_line(6)
    assert demand.cover([line], at=at) == {line.order_line_id: 6}
    assert promised() == {near.pk: (6, "the cheapest warehouse that has it")}


def test_a_line_is_split_where_no_warehouse_has_it_all(world: World, at: datetime) -> None:
    near, far = second_house(world), world.warehouse
    for house, leg in ((near, "10"), (far, "50")):
        stock(house, world, 10, at)
        cost(house, leg, split="5")
    line = world.demand_line(16)
    assert demand.cover([line], at=at) == {line.order_line_id: 16}
    assert demand.cover([line], at=at) == {line.order_line_id: 16}
    assert sum(quantity for quantity, _ in promised().values()) == 16
    assert {reason for _, reason in promised().values()} == {"split: no warehouse has it all"}


def test_without_costs_warehouses_go_by_priority(world: World, at: datetime) -> None:
    other = second_house(world)
    Warehouse.objects.filter(pk=other.pk).update(priority=1)
    for house in (world.warehouse, other):
        stock(house, world, 10, at)
    line = world.demand_line(6)
    assert demand.cover([line], at=at) == {line.order_line_id: 6}
    assert promised() == {other.pk: (6, "")}


def test_the_number_of_statements_does_not_grow(
    world: World, at: datetime, django_assert_max_num_queries
) -> None:
    near = second_house(world)
    for house in (near, world.warehouse):
        stock(house, world, 1_000, at)
        cost(house, "10")
    with django_assert_max_num_queries(15) as few:
        demand.cover([world.demand_line(1)], at=at)
    with django_assert_max_num_queries(len(few)):
        demand.cover([world.demand_line(1) for _ in range(40)], at=at)


def test_costs_of_two_currencies_are_never_compared(world: World, at: datetime) -> None:
    near, far = second_house(world), world.warehouse
    cost(near, "10")
    with pytest.raises(Invalid, match="costs in CNY, not in JPY") as caught:
        sourcing.declare(
            far.pk, leg=Decimal(1), km=Decimal(0), kg=Decimal(0), split=Decimal(0), currency="JPY"
        )
    [problem] = caught.value.problems
    assert (problem.code, problem.remedy) == ("other_currency", "say these in CNY too")
    wrong = SourcingCost(
        warehouse=far, currency="JPY", leg_amount=1, km_amount=0, kg_amount=0, split_amount=0
    )
    with pytest.raises(ValidationError, match="CNY"):
        wrong.clean()
    with pytest.raises(IntegrityError, match="different currencies"), transaction.atomic():
        wrong.save()
    cost(far, "50")
    assert SourcingCost.objects.update(currency="EUR") == 2, "all at once they may change"
    sourcing.declare(near.pk, leg=Decimal(2), km=Decimal(0), kg=Decimal(0), split=Decimal(0), currency="EUR")


def test_the_only_warehouse_that_says_its_costs_may_change_their_currency(world: World) -> None:
    cost(world.warehouse, "10")
    sourcing.declare(
        world.warehouse.pk, leg=Decimal(1), km=Decimal(0), kg=Decimal(0), split=Decimal(0), currency="JPY"
    )
    assert SourcingCost.objects.get().currency == "JPY"
