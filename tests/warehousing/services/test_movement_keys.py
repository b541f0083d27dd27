"""Units, statuses, owners and serials move with the goods, and the database keeps their promises."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from b2b.core.errors import Invalid
from b2b.core.ids import uuid7
from b2b.db.bulk import execute
from b2b.db.invariants import check
from tests.factories.warehousing import AT, BY, World
from warehousing.models import HandlingUnit, Location, Quant, Serial, StockLedgerEntry
from warehousing.services import correction, movement
from warehousing.services.movement import ClosedLocation, Move, NotEnoughStock, SerialElsewhere

NAMES = ["stock.quants", "stock.units", "stock.serials", "stock.movements"]


def post(moves: list[Move], at: datetime) -> list[UUID]:
    return movement.post(moves, at=at, document_type="test", document_id=uuid7())


def move(world: World, quantity: int, source: str, destination: str, **fields: object) -> Move:
    return Move(  # type: ignore[arg-type]
        world.product.pk, world.places[source].pk, world.places[destination].pk, quantity, **fields
    )


def unit(number: int = 1, **fields: object) -> HandlingUnit:
    return HandlingUnit.objects.create(sscc=f"{number:018d}", created_at=AT, **fields)


def balances() -> set[tuple[str, str, str, int]]:
    rows = Quant.objects.filter(on_hand__gt=0).values_list(
        "location__kind", "handling_unit__sscc", "status", "on_hand"
    )
    return set(rows)


def test_a_unit_goes_where_its_goods_go(world: World, at: datetime) -> None:
    world.stock(10)
    carton = unit(location=world.places["STORAGE"])
    post([move(world, 4, "STORAGE", "STORAGE", into_unit_id=carton.pk)], at)
    post([move(world, 4, "STORAGE", "STAGING", handling_unit_id=carton.pk)], at)
    carton.refresh_from_db()
    assert carton.location == world.places["STAGING"]
    assert balances() == {("STORAGE", None, "AVAILABLE", 6), ("STAGING", carton.sscc, "AVAILABLE", 4)}
    assert check(NAMES) == []
    post([move(world, 1, "STAGING", "STORAGE", handling_unit_id=carton.pk, into_unit_id=None)], at)
    assert ("STAGING", carton.sscc, "AVAILABLE", 3) in balances()
    with pytest.raises(NotEnoughStock):
        post([move(world, 4, "STAGING", "STORAGE", handling_unit_id=carton.pk)], at)


def test_what_is_not_available_is_not_reserved(world: World, at: datetime) -> None:
    quant = world.stock(10)
    post([move(world, 3, "STORAGE", "STORAGE", to_status="BLOCKED")], at)
    assert balances() == {("STORAGE", None, "AVAILABLE", 7), ("STORAGE", None, "BLOCKED", 3)}
    with pytest.raises(IntegrityError, match="only_available_stock_is_reserved"), transaction.atomic():
        Quant.objects.exclude(pk=quant.pk).update(reserved=1)
    [kind] = set(StockLedgerEntry.objects.filter(document_type="test", status="BLOCKED").values_list("kind"))
    assert kind == ("STATUS",)


def test_goods_change_hands_in_place_and_back(world: World, at: datetime) -> None:
    world.stock(10)
    sold = post([move(world, 4, "STORAGE", "STORAGE", to_owner_id=world.dealer.pk)], at)
    assert dict(Quant.objects.values_list("owner_id", "on_hand")) == {None: 6, world.dealer.pk: 4}
    correction.reverse(sold, by=BY, at=at, reason="wrong dealer")
    assert dict(Quant.objects.values_list("owner_id", "on_hand")) == {None: 10, world.dealer.pk: 0}


def test_a_serial_is_in_one_place(world: World, at: datetime) -> None:
    serial = Serial.objects.create(product=world.product, number="S1")
    post([move(world, 1, "SUPPLIER", "STORAGE", serial_id=serial.pk)], at)
    world.stock(1)
    with pytest.raises(SerialElsewhere):
        post([move(world, 1, "SUPPLIER", "STORAGE", serial_id=serial.pk)], at)
    with pytest.raises(SerialElsewhere):
        post([move(world, 1, "STAGING", "STORAGE", serial_id=serial.pk)], at)
    with pytest.raises(Invalid):
        post([move(world, 2, "STORAGE", "STAGING", serial_id=serial.pk)], at)
    post([move(world, 1, "STORAGE", "STAGING", serial_id=serial.pk)], at)
    serial.refresh_from_db()
    assert serial.location == world.places["STAGING"]
    assert check(NAMES) == []


def test_a_closed_place_gives_and_does_not_take(world: World, at: datetime) -> None:
    moved = world.stock(5)
    Location.objects.filter(pk=moved.location_id).update(is_active=False)
    with pytest.raises(ClosedLocation):
        world.stock(5)
    [key] = post([move(world, 5, "STORAGE", "STAGING")], at)
    correction.reverse([key], by=BY, at=at, reason="it never left")
    assert balances() == {("STORAGE", None, "AVAILABLE", 5)}


@pytest.mark.parametrize(
    ("ends", "kind"),
    [
        (("SUPPLIER", "STORAGE"), "RECEIPT"),
        (("STORAGE", "STAGING"), "TRANSFER"),
        (("STORAGE", "CUSTOMER"), "ISSUE"),
        (("CUSTOMER", "QUALITY"), "RETURN"),
        (("STORAGE", "SUPPLIER"), "SEND_BACK"),
        (("STORAGE", "LOSS"), "SCRAP"),
        (("LOSS", "STORAGE"), "COUNT"),
    ],
)
def test_places_tell_what_a_movement_is(world: World, at: datetime, ends: tuple[str, str], kind: str) -> None:
    world.stock(2, at=at - timedelta(days=1))
    [key] = post([move(world, 1, *ends)], at)
    assert set(StockLedgerEntry.objects.filter(movement=key).values_list("kind", flat=True)) == {kind}


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET sscc = '000000000000000009'"])
def test_a_code_names_one_unit_for_good(world: World, statement: str) -> None:
    unit()
    with pytest.raises(IntegrityError, match="history"):
        execute(statement.format("warehousing_handlingunit"))


def test_nothing_is_within_itself(world: World) -> None:
    pallet = unit(1)
    carton = unit(2, parent=pallet)
    box = unit(3, parent=carton)
    with pytest.raises(IntegrityError, match="within itself"), transaction.atomic():
        HandlingUnit.objects.filter(pk=pallet.pk).update(parent=box)
    aisle, shelf = world.places["STORAGE"], world.places["STAGING"]
    Location.objects.filter(pk=shelf.pk).update(parent=aisle)
    with pytest.raises(IntegrityError, match="within itself"), transaction.atomic():
        Location.objects.filter(pk=aisle.pk).update(parent=shelf)
    elsewhere = World.build().places["STORAGE"]
    with pytest.raises(IntegrityError, match="another warehouse"):
        Location.objects.filter(pk=elsewhere.pk).update(parent=aisle)
