"""Goods that a rule wants inspected: held, sampled, accepted, reworked, sorted or rejected."""

import json
from datetime import datetime

import pytest

from b2b.contracts.warehousing import GoodsReceived
from b2b.core.errors import Invalid
from b2b.core.machine import IllegalTransition
from b2b.outbox.models import OutboxEvent
from tests.factories.warehousing import BY, World
from warehousing.models import Inspection, Quant, ReceivingRule
from warehousing.services import demand, inspection, receipt


@pytest.fixture
def held(world: World, at: datetime) -> Inspection:
    """Two hundred units held: letter G, 32 of them looked at, at most 2 bad (AQL 2.5)."""
    ReceivingRule.objects.create(factory=world.factory, inspection_level="II", aql="2.5")
    due = receipt.expect(world.advice((world.product, 200), lot_number="L1"), by=BY, at=at)
    receipt.receive(due.pk, by=BY, at=at)
    return Inspection.objects.get()


def told() -> list[tuple[int, int]]:
    rows = OutboxEvent.objects.filter(topic=GoodsReceived.topic).order_by("id")
    events = [GoodsReceived.from_json(json.dumps(row.payload)) for row in rows]
    assert len({event.receipt_id for event in events}) == len(events)
    return [(line.accepted_quantity, line.rejected_quantity) for event in events for line in event.lines]


def balances() -> dict[tuple[str, str], int]:
    rows = Quant.objects.filter(on_hand__gt=0).values_list("location__kind", "status", "on_hand")
    return {(kind, status): on_hand for kind, status, on_hand in rows}


def test_what_is_held_is_nobodys(world: World, at: datetime, held: Inspection) -> None:
    assert (held.code_letter, held.sample_size, held.acceptance_number) == ("G", 32, 2)
    assert (held.severity, held.level, held.lot.number) == ("NORMAL", "II", "L1")
    assert balances() == {("QUALITY", "INSPECTION"): 200}
    line = world.demand_line(50)
    assert demand.cover([line], at=at).get(line.order_line_id, 0) == 0
    assert told() == []
    assert held.line.held_quantity == 200


def test_a_good_sample_lets_the_lot_into_stock(world: World, at: datetime, held: Inspection) -> None:
    passed = inspection.judge(held.pk, nonconforming=2, by=BY, at=at)
    assert (passed.status, passed.passed_first) == ("ACCEPTED", True)
    assert balances() == {("STORAGE", "AVAILABLE"): 200}
    assert told() == [(200, 0)]
    held.line.refresh_from_db()
    assert (held.line.accepted_quantity, held.line.held_quantity) == (200, 0)
    with pytest.raises(IllegalTransition):
        inspection.judge(held.pk, nonconforming=0, by=BY, at=at)


def test_a_bad_sample_fails_and_is_rejected(world: World, at: datetime, held: Inspection) -> None:
    failed = inspection.judge(held.pk, nonconforming=3, finding="threads cut short", by=BY, at=at)
    assert failed.status == "FAILED"
    assert balances() == {("QUALITY", "INSPECTION"): 200}
    inspection.reject(held.pk, reason="threads cut short", by=BY, at=at)
    assert balances() == {("QUALITY", "DAMAGED"): 200}
    assert told() == [(0, 200)]


def test_a_failed_lot_is_reworked_and_inspected_again(world: World, at: datetime, held: Inspection) -> None:
    inspection.judge(held.pk, nonconforming=3, by=BY, at=at)
    inspection.rework(held.pk, reason="recut", by=BY, at=at)
    again = inspection.judge(held.pk, nonconforming=0, by=BY, at=at)
    assert (again.status, again.passed_first) == ("ACCEPTED", False)
    assert told() == [(200, 0)]


def test_a_failed_lot_is_sorted(world: World, at: datetime, held: Inspection) -> None:
    with pytest.raises(IllegalTransition):
        inspection.sort(held.pk, accepted=150, reason="", by=BY, at=at)
    inspection.judge(held.pk, nonconforming=3, by=BY, at=at)
    with pytest.raises(Invalid):
        inspection.sort(held.pk, accepted=200, reason="", by=BY, at=at)
    inspection.sort(held.pk, accepted=150, reason="sorted by hand", by=BY, at=at)
    assert balances() == {("STORAGE", "AVAILABLE"): 150, ("QUALITY", "DAMAGED"): 50}
    assert told() == [(150, 50)]


def test_a_sample_is_not_larger_than_it_is(at: datetime, held: Inspection) -> None:
    for wrong in (-1, 33):
        with pytest.raises(Invalid, match="sample of 32"):
            inspection.judge(held.pk, nonconforming=wrong, by=BY, at=at)


def test_two_bad_lots_tighten_what_follows(world: World, at: datetime, held: Inspection) -> None:
    def next_lot() -> Inspection:
        due = receipt.expect(world.advice((world.product, 200)), by=BY, at=at)
        receipt.receive(due.pk, by=BY, at=at)
        return Inspection.objects.get(receipt=due)

    inspection.judge(held.pk, nonconforming=3, by=BY, at=at)
    inspection.judge(next_lot().pk, nonconforming=3, by=BY, at=at)
    strict = next_lot()
    assert (strict.severity, strict.sample_size, strict.acceptance_number) == ("TIGHTENED", 32, 1)


def test_ten_good_lots_of_a_steady_supplier_reduce_what_follows(world: World, at: datetime) -> None:
    rule = ReceivingRule.objects.create(
        factory=world.factory, inspection_level="II", aql="2.5", allows_reduced=True
    )

    def next_lot() -> Inspection:
        due = receipt.expect(world.advice((world.product, 200)), by=BY, at=at)
        receipt.receive(due.pk, by=BY, at=at)
        return Inspection.objects.get(receipt=due)

    for _ in range(10):
        one = next_lot()
        assert one.severity == "NORMAL"
        inspection.judge(one.pk, nonconforming=0, by=BY, at=at)
    lax = next_lot()
    assert (lax.severity, lax.sample_size, lax.acceptance_number) == ("REDUCED", 13, 1)
    rule.allows_reduced = False
    rule.save()
    assert next_lot().severity == "NORMAL"
    rule.allows_reduced = True
    rule.save()
    inspection.judge(lax.pk, nonconforming=2, by=BY, at=at)
    assert next_lot().severity == "NORMAL"
