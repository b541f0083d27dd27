"""Balances made again from the ledger are the balances that were."""

import pytest
from django.core.management import CommandError, call_command

from b2b.db.bulk import execute, fetch
from b2b.db.invariants import check
from tests.factories.warehousing import AT, BY, World
from warehousing.models import Demand, Quant
from warehousing.services import demand, picking, reservation, wave

BITS = """
SELECT quant::text FROM (
    SELECT owner_id, product_id, lot_id, location_id, handling_unit_id, status, on_hand, reserved
    FROM warehousing_quant
) quant ORDER BY 1
"""


@pytest.fixture
def busy(world: World) -> World:
    """A house in the middle of its work: lots, reservations, waves, packages."""
    for quantity in (30, 20):
        world.stock(quantity, lot=world.lot())
    world.packed(4)
    demand.cover([world.demand_line(25)], at=AT)
    picking.confirm(wave.release(world.warehouse.pk, by=BY, at=AT).pk, by=BY, at=AT)
    demand.cover([world.demand_line(7)], at=AT)
    reservation.allocate_demands(Demand.objects.values_list("pk", flat=True), at=AT)
    return world


def test_what_is_right_is_told_to_be(busy: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("rebuild_stock", "--check")
    assert "are what the ledger says" in capsys.readouterr().out


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE warehousing_quant SET on_hand = on_hand + 1",
        "UPDATE warehousing_quant SET reserved = 0 WHERE reserved > 0",
        "DELETE FROM warehousing_quant WHERE id NOT IN (SELECT quant_id FROM warehousing_reservation)",
        "UPDATE warehousing_quant SET on_hand = 0, reserved = 0",
    ],
)
def test_whatever_happened_to_balances_they_are_made_again_bit_by_bit(
    busy: World, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = [row for row in fetch(BITS) if ",0,0)" not in row[0]]
    assert execute(damage)
    with pytest.raises(CommandError, match="not what the ledger says"):
        call_command("rebuild_stock", "--check")
    call_command("rebuild_stock")
    assert "0 set right" not in capsys.readouterr().out
    assert [row for row in fetch(BITS) if ",0,0)" not in row[0]] == before
    assert check(["stock.quants", "stock.reserved"]) == []
    assert Quant.objects.exists()
