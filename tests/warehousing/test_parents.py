"""What promises, reservations and the ledger name is there, though no foreign key asks row by row."""

import pytest
from django.db import IntegrityError, connection, transaction

from b2b.core.ids import uuid7
from b2b.db.invariants import check
from tests.factories.warehousing import AT, World
from warehousing.models import Demand, Promise, Quant, Reservation, StockLedgerEntry
from warehousing.services import demand, reservation

NOWHERE = 2**40
KEYS = [
    *((Promise, key) for key in ("demand_id", "book_id")),
    *((Reservation, key) for key in ("demand_id", "promise_id", "quant_id")),
]
LEGS = ("owner_id", "product_id", "lot_id", "location_id", "handling_unit_id")


@pytest.fixture
def kept(world: World) -> World:
    world.stock(5, lot=world.lot())
    demand.cover([world.demand_line(2)], at=AT)
    reservation.allocate_demands(Demand.objects.values_list("pk", flat=True), at=AT)
    assert check(["stock.parents"]) == []
    return world


@pytest.mark.parametrize(("model", "key"), KEYS)
def test_a_row_that_names_nothing_is_refused(kept: World, model: type, key: str) -> None:
    row = model.objects.get()
    row.pk = None
    setattr(row, key, NOWHERE)
    with pytest.raises(IntegrityError, match="that is not there"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize(("model", "key"), KEYS)
def test_a_row_keeps_what_it_names(kept: World, model: type, key: str) -> None:
    with pytest.raises(IntegrityError, match="refused"), transaction.atomic():
        model.objects.update(**{key: NOWHERE})


@pytest.mark.parametrize("key", LEGS)
def test_a_leg_of_nothing_is_refused(kept: World, key: str) -> None:
    legs = list(StockLedgerEntry.objects.all())
    movement = uuid7()
    for leg in legs:
        leg.pk, leg.movement = None, movement
        setattr(leg, key, NOWHERE)
    with pytest.raises(IntegrityError, match="that is not there"), transaction.atomic():
        StockLedgerEntry.objects.bulk_create(legs)


@pytest.mark.parametrize(
    "parent", ["warehousing_demand", "warehousing_promisebook", "warehousing_promise", "warehousing_quant",
               "warehousing_lot", "warehousing_location", "catalog_product"]
)  # fmt: skip
def test_what_is_named_is_not_deleted(kept: World, parent: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {parent}; SET CONSTRAINTS ALL IMMEDIATE")


def test_what_nobody_names_may_go(world: World) -> None:
    quant = world.stock(5)
    assert Quant.objects.filter(pk=quant.pk).delete() == (1, {"warehousing.Quant": 1})
