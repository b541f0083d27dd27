from datetime import datetime
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connection

from b2b.core.errors import Invalid, NotFound
from b2b.core.ids import uuid7
from b2b.db.bulk import execute
from tests.factories.warehousing import BY, World, product
from warehousing.models import Quant, StockLedgerEntry
from warehousing.services import correction, movement
from warehousing.services.movement import Move, NotEnoughStock


def post(moves: list[Move], at: datetime) -> list[UUID]:
    return movement.post(moves, at=at, document_type="test", document_id=uuid7())


def move(world: World, quantity: int, source: str, destination: str, **fields: int) -> Move:
    return Move(
        product_id=world.product.pk,
        source_id=world.places[source].pk,
        destination_id=world.places[destination].pk,
        quantity=quantity,
        **fields,
    )


def test_a_move_is_two_entries_and_a_balance(world: World, at: datetime) -> None:
    quant = world.stock(10)
    [key] = post([move(world, 4, "STORAGE", "STAGING")], at)
    legs = StockLedgerEntry.objects.filter(movement=key).order_by("quantity")
    assert [(leg.location_id, leg.quantity) for leg in legs] == [
        (world.places["STORAGE"].pk, -4),
        (world.places["STAGING"].pk, 4),
    ]
    quant.refresh_from_db()
    assert quant.on_hand == 6
    assert Quant.objects.get(location=world.places["STAGING"]).on_hand == 4


def test_virtual_places_have_no_balance_to_fall_below(world: World) -> None:
    world.stock(10)
    assert not Quant.objects.filter(location=world.places["SUPPLIER"]).exists()


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_quantity_is_positive(world: World, at: datetime, quantity: int) -> None:
    with pytest.raises(Invalid):
        post([move(world, quantity, "SUPPLIER", "STORAGE")], at)


def test_nothing_is_written_when_one_of_the_moves_takes_too_much(world: World, at: datetime) -> None:
    world.stock(5)
    before = StockLedgerEntry.objects.count()
    with pytest.raises(NotEnoughStock):
        post([move(world, 3, "STORAGE", "STAGING"), move(world, 3, "STORAGE", "QUALITY")], at)
    assert StockLedgerEntry.objects.count() == before
    assert Quant.objects.get(location=world.places["STORAGE"]).on_hand == 5


def test_goods_that_were_never_there_cannot_leave(world: World, at: datetime) -> None:
    with pytest.raises(NotEnoughStock):
        post([move(world, 1, "STORAGE", "STAGING")], at)


def test_reserved_goods_stay(world: World, at: datetime) -> None:
    quant = world.stock(5)
    Quant.objects.filter(pk=quant.pk).update(reserved=3)
    with pytest.raises(NotEnoughStock):
        post([move(world, 3, "STORAGE", "STAGING")], at)
    post([move(world, 3, "STORAGE", "STAGING", reserved=3)], at)
    quant.refresh_from_db()
    assert (quant.on_hand, quant.reserved) == (2, 0)


def test_an_unknown_place_is_refused(world: World, at: datetime) -> None:
    with pytest.raises(NotFound):
        post([Move(world.product.pk, world.places["STORAGE"].pk, 10**9, 1)], at)


def test_a_reversal_takes_a_movement_back(world: World, at: datetime) -> None:
    quant = world.stock(10)
    moved = post([move(world, 4, "STORAGE", "STAGING")], at)
    [undone] = correction.reverse(moved, by=BY, at=at, reason="wrong bay")
    quant.refresh_from_db()
    assert quant.on_hand == 10
    assert set(StockLedgerEntry.objects.filter(movement=undone).values_list("reverses", flat=True)) == set(
        moved
    )


def test_the_database_refuses_a_movement_that_does_not_balance(world: World, at: datetime) -> None:
    with pytest.raises(IntegrityError, match="does not balance"):
        StockLedgerEntry.objects.create(
            movement=uuid7(),
            product=world.product,
            location=world.places["STORAGE"],
            quantity=1,
            effective_at=at,
            recorded_at=at,
            document_type="test",
            document_id=uuid7(),
        )


@pytest.mark.parametrize("statement", ["UPDATE {} SET quantity = 1", "DELETE FROM {}"])
def test_the_ledger_is_history(world: World, statement: str) -> None:
    world.stock(1)
    with pytest.raises(IntegrityError, match="history"):
        execute(statement.format(StockLedgerEntry._meta.db_table))


def test_the_application_may_not_empty_the_ledger(world: World) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        execute(f"TRUNCATE {StockLedgerEntry._meta.db_table}")


def test_the_number_of_statements_does_not_grow(
    world: World, at: datetime, django_assert_num_queries
) -> None:
    def moves(number: int) -> list[Move]:
        return [
            Move(product().pk, world.places["SUPPLIER"].pk, world.places["STORAGE"].pk, 1)
            for _ in range(number)
        ]

    few, many = moves(2), moves(60)
    with django_assert_num_queries(
        9
    ):  # two open and close the unit of work, two tell EPCIS of it, one finance
        post(few, at)
    with django_assert_num_queries(9):
        post(many, at)
    assert connection.vendor == "postgresql"
