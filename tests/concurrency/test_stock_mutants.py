"""The campaign can fail: with check-then-act in place of a guard it finds goods that were sold twice."""

from __future__ import annotations

from typing import Any

import pytest

from b2b.core.actor import acting_as, system
from tests.factories.warehousing import World
from tests.support.mutation import GATE, changed, gate, mutate
from tests.support.stock_campaign import Campaign
from warehousing.services import movement, movement_sql

WRITERS = 3


@pytest.fixture
def campaign(committed_db: str) -> Any:
    with acting_as(system("test")):
        world = World.build()
        yield Campaign(world, world.lot(), writers=WRITERS)


def takes_the_last_goods(campaign: Campaign) -> None:
    campaign.world.stock(1, lot=campaign.lot)


def promises_the_last_goods(campaign: Campaign) -> None:
    campaign.world.stock(1, lot=campaign.lot)


def reserves_the_first_goods(campaign: Campaign) -> None:
    """One unit stands first in rotation, and everybody's first choice is that one; there is enough for all."""
    campaign.world.stock(1, lot=campaign.lot)
    campaign.world.stock(50)


def unguarded_movements(patch: pytest.MonkeyPatch) -> None:
    looks = f"""
    seen AS MATERIALIZED (
        SELECT quant.id, quant.on_hand, quant.reserved FROM warehousing_quant quant WHERE {GATE}
    ),
    lowered AS ("""
    patch.setattr(movement, "LOCK", changed(movement_sql.LOCK, ("FOR NO KEY UPDATE OF quant", "")))
    post = changed(
        movement_sql.POST,
        ("lowered AS (", looks),
        ("SET on_hand = quant.on_hand", "SET on_hand = seen.on_hand"),
        ("FROM deltas delta\n    WHERE", "FROM deltas delta, seen\n    WHERE seen.id = quant.id AND"),
        ("AND quant.on_hand + delta.on_hand >=", "AND seen.on_hand + delta.on_hand >="),
    )
    patch.setattr(movement, "POST", post)


def unguarded_promises(patch: pytest.MonkeyPatch) -> None:
    looks = f"    PERFORM {GATE};\n    IF taken = 0 THEN"
    mutate("promise_make.sql", (" FOR NO KEY UPDATE", ""), ("    IF taken = 0 THEN", looks))


def unguarded_reservations(patch: pytest.MonkeyPatch) -> None:
    looks = f"""
        seen AS MATERIALIZED (
            SELECT quant.id, quant.on_hand, quant.reserved FROM warehousing_quant quant
            WHERE quant.id = ANY(o_quant) AND {GATE}),
        held AS ("""
    mutate(
        "promise_allocate.sql",
        (
            "PERFORM FROM warehousing_quant quant WHERE quant.id = ANY(o_quant) ORDER BY quant.id FOR NO KEY UPDATE;",
            "",
        ),
        ("        held AS (", looks),
        ("SET reserved = quant.reserved + wanted", "SET reserved = seen.reserved + wanted"),
        (
            "usable.id = ANY(o_quant)\n            WHERE quant.id",
            "usable.id = ANY(o_quant), seen\n            WHERE seen.id = quant.id AND quant.id",
        ),
        ("AND quant.on_hand - quant.reserved >=", "AND seen.on_hand - seen.reserved >="),
    )


GUARDS = {
    "movements": (takes_the_last_goods, unguarded_movements, "take", "stock.quants"),
    "promises": (promises_the_last_goods, unguarded_promises, "reserve", "oversold"),
    "reservations": (reserves_the_first_goods, unguarded_reservations, "reserve", "stock.reserved"),
}


@pytest.mark.parametrize("guard", GUARDS)
def test_with_its_guard_nothing_is_sold_twice(campaign: Campaign, guard: str) -> None:
    prepare, _, work, _ = GUARDS[guard]
    prepare(campaign)
    assert campaign.run(operations=1, only=(work,)) == []


@pytest.mark.parametrize("guard", GUARDS)
def test_check_then_act_is_found(campaign: Campaign, guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare, unguard, work, found = GUARDS[guard]
    prepare(campaign)
    unguard(monkeypatch)
    with gate(WRITERS):
        violations = campaign.run(operations=1, only=(work,))
    assert campaign.done[work] == WRITERS, campaign.refused
    assert [one for one in violations if one.startswith(found)], violations
