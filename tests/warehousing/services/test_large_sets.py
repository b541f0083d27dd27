"""Large sets choose among their goods by whole joins, whether or not anybody has counted the tables."""

from datetime import datetime, timedelta

import pytest

from b2b.core.ids import uuid7
from b2b.db.bulk import fetch_value
from tests.factories.warehousing import World
from warehousing.models import Lot, Promise, PromiseBook
from warehousing.services import demand, movement, reservation

LINES, LOTS = 210, 300
LOOKED_UP = "SELECT pg_stat_get_xact_numscans('warehousing_lot_pkey'::regclass)"
ANALYSED = "SELECT reltuples FROM pg_class WHERE oid = 'warehousing_promisebook'::regclass"


@pytest.fixture
def lots(world: World, at: datetime) -> list[Lot]:
    made = Lot.objects.bulk_create(
        Lot(product=world.product, number=f"L-{day}", expiry_date=at.date() + timedelta(days=day))
        for day in range(1, LOTS + 1)
    )
    places = world.places
    moves = [
        movement.Move(
            product_id=world.product.pk,
            source_id=places["SUPPLIER"].pk,
            destination_id=places["STORAGE"].pk,
            quantity=1,
            lot_id=lot.pk,
        )
        for lot in made
    ]
    movement.post(moves, at=at, document_type="test", document_id=uuid7())
    return made


def test_no_lot_is_looked_up_by_its_key_in_a_database_never_analysed(
    world: World, lots: list[Lot], at: datetime
) -> None:
    assert fetch_value(ANALYSED) <= 0
    assert PromiseBook.objects.count() == 1
    lines = [world.demand_line(1) for _ in range(LINES)]
    before = fetch_value(LOOKED_UP)
    assert set(demand.cover(lines, at=at).values()) == {1}
    while_promised = fetch_value(LOOKED_UP)
    given = reservation.allocate(Promise.objects.values_list("pk", flat=True), at=at)
    assert sum(given.values()) == LINES
    assert while_promised - before <= 2, "a join reads the lots once, maybe in the order of their keys"
    assert fetch_value(LOOKED_UP) - while_promised <= LINES + 2, "what was chosen is looked at again, no more"
