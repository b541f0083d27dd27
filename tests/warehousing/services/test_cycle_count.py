"""Counts against the books of the moment, while goods move."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from b2b.core.actor import OPERATOR, Actor
from b2b.core.errors import Invalid, NotFound
from b2b.core.ids import uuid7
from b2b.core.machine import IllegalTransition
from b2b.db.bulk import execute
from b2b.db.invariants import check
from tests.factories.warehousing import AT, BY, World, product
from warehousing.models import (
    CountAttempt,
    CountLine,
    CycleCount,
    Demand,
    Location,
    Quant,
    Reservation,
    StockLedgerEntry,
)
from warehousing.selectors import counts
from warehousing.services import cycle_count, demand, movement, reservation
from warehousing.services.cycle_count import Found, NothingToCount, SameEyes
from warehousing.services.movement import ClosedLocation, Move

ANN, BOB = (Actor(kind=OPERATOR, organization_id=1, user_id=number) for number in (1, 2))
NAMES = ["stock.quants", "stock.reserved", "stock.demand", "stock.movements"]
MINUTE = timedelta(minutes=1)


def opened(world: World, quantity: int = 1000) -> CycleCount:
    world.stock(quantity, at=AT - timedelta(days=9))
    return cycle_count.open_round(world.warehouse.pk, by=BY, at=AT)


def tell(
    world: World, made: CycleCount, counted: int, *, by: Actor = ANN, counted_at: datetime | None = None
) -> CountLine:
    found = Found(world.places["STORAGE"].pk, world.product.pk, counted, counted_at=counted_at)
    return cycle_count.tell(made.pk, found, by=by, at=AT + 10 * MINUTE)


def take(world: World, quantity: int, at: datetime) -> None:
    move = Move(world.product.pk, world.places["STORAGE"].pk, world.places["STAGING"].pk, quantity)
    movement.post([move], at=at, document_type="test", document_id=uuid7())


def on_shelf(world: World) -> int:
    return Quant.objects.get(location=world.places["STORAGE"], product=world.product, lot=None).on_hand


def test_a_round_lists_what_the_books_know_in_walking_order(world: World) -> None:
    first, second = world.stock(5), world.stock(7, of=product())
    world.stock(0 + 1, of=product())
    Quant.objects.filter(on_hand=1).delete()
    made = cycle_count.open_round(world.warehouse.pk, by=BY, at=AT)
    lines = list(made.lines.order_by("line_number").values_list("product_id", "status", "expected_quantity"))
    assert lines == [(first.product_id, "OPEN", None), (second.product_id, "OPEN", None)]


def test_a_count_that_agrees_ends_it(world: World) -> None:
    made = opened(world)
    line = tell(world, made, 1000)
    assert (line.status, line.variance, line.movement) == ("BOOKED", 0, None)
    made.refresh_from_db()
    assert made.status == "DONE"


def test_a_small_difference_is_booked_at_once(world: World) -> None:
    line = tell(world, opened(world), 995)
    assert (line.status, line.variance) == ("BOOKED", -5)
    assert on_shelf(world) == 995
    assert set(
        StockLedgerEntry.objects.filter(movement=line.movement).values_list("kind", "location__kind")
    ) == {("COUNT", "STORAGE"), ("COUNT", "LOSS")}
    assert check(NAMES) == []


def test_goods_picked_after_the_count_neither_count_nor_wait(world: World) -> None:
    made = opened(world)
    position = StockLedgerEntry.objects.order_by("-pk")[0].pk
    take(world, 300, AT + 5 * MINUTE)
    line = tell(world, made, 998, counted_at=AT + 2 * MINUTE)
    assert (line.expected_quantity, line.variance, line.ledger_position) == (1000, -2, position)
    assert on_shelf(world) == 698
    assert check(NAMES) == []


def test_what_happened_before_the_count_and_was_told_late_is_in_it(world: World) -> None:
    made = opened(world)
    take(world, 300, AT + MINUTE)
    line = tell(world, made, 700, counted_at=AT + 2 * MINUTE)
    assert line.variance == 0


def test_a_difference_found_by_two_rounds_is_booked_once(world: World) -> None:
    first = opened(world)
    second = cycle_count.open_round(world.warehouse.pk, by=BY, at=AT)
    tell(world, second, 995, counted_at=AT + 3 * MINUTE)
    assert tell(world, first, 995, counted_at=AT + MINUTE).variance == 0
    assert on_shelf(world) == 995


def test_a_large_difference_is_counted_again_without_being_told(world: World) -> None:
    made = opened(world)
    assert tell(world, made, 950).status == "RECOUNT"
    assert on_shelf(world) == 1000
    assert tell(world, made, 940).status == "RECOUNT"
    assert tell(world, made, 940).status == "BOOKED"
    assert on_shelf(world) == 940
    assert CountAttempt.objects.count() == 3
    with pytest.raises(IllegalTransition):
        tell(world, made, 940)


def test_above_the_limit_somebody_else_decides(world: World) -> None:
    made = opened(world)
    tell(world, made, 800)
    line = tell(world, made, 800)
    assert (line.status, on_shelf(world)) == ("HELD", 1000)
    with pytest.raises(IllegalTransition):
        tell(world, made, 800)
    with pytest.raises(SameEyes):
        cycle_count.approve(made.pk, 1, reason="stolen", by=ANN, at=AT)
    with pytest.raises(Invalid):
        cycle_count.approve(made.pk, 1, reason=" ", by=BOB, at=AT)
    with pytest.raises(NotFound):
        cycle_count.approve(made.pk, 9, reason="stolen", by=BOB, at=AT)
    cycle_count.reject(made.pk, 1, reason="look behind the door", by=BOB)
    assert tell(world, made, 801, by=BOB).status == "RECOUNT"
    assert tell(world, made, 801, by=BOB).status == "HELD"
    assert cycle_count.approve(made.pk, 1, reason="stolen", by=ANN, at=AT).status == "BOOKED"
    assert on_shelf(world) == 801
    with pytest.raises(IntegrityError, match="counts_need_four_eyes"), transaction.atomic():
        CountLine.objects.update(counted_by="user 1")


def test_goods_moved_while_a_variance_waits_for_approval(world: World) -> None:
    made = opened(world)
    tell(world, made, 800, counted_at=AT + MINUTE)
    tell(world, made, 800, counted_at=AT + 2 * MINUTE)
    take(world, 100, AT + 3 * MINUTE)
    cycle_count.approve(made.pk, 1, reason="stolen", by=BOB, at=AT)
    assert on_shelf(world) == 700


def test_missing_goods_that_are_promised_wait_and_then_the_newest_promise_loses(world: World) -> None:
    made = opened(world, 100)
    other = world.stock(50, lot=world.lot())
    for quantity in (60, 40):
        demand.cover([world.demand_line(quantity)], at=AT)
        reservation.allocate_demands(Demand.objects.values_list("pk", flat=True), at=AT)
    first, second = Reservation.objects.filter(status="ACTIVE").order_by("pk")[:2]
    assert first.quant_id == second.quant_id
    line = tell(world, made, 99)
    assert line.status == "HELD"
    cycle_count.approve(made.pk, 1, reason="broken", by=BOB, at=AT)
    assert on_shelf(world) == 99
    second.refresh_from_db()
    other.refresh_from_db()
    assert (second.quantity, other.reserved) == (39, 1)
    assert check(NAMES) == []


def test_what_nobody_expected_becomes_a_line(world: World) -> None:
    made = opened(world)
    stray = product()
    found = Found(world.places["STAGING"].pk, stray.pk, 3)
    assert cycle_count.tell(made.pk, found, by=ANN, at=AT).status == "RECOUNT"
    assert cycle_count.tell(made.pk, found, by=ANN, at=AT).status == "BOOKED"
    assert Quant.objects.get(product=stray).on_hand == 3


def test_a_closed_place_is_not_counted(world: World) -> None:
    made = opened(world)
    Location.objects.filter(pk=world.places["STORAGE"].pk).update(is_active=False)
    with pytest.raises(ClosedLocation):
        tell(world, made, 1000)
    with pytest.raises(ClosedLocation):
        cycle_count.open_round(world.warehouse.pk, location_ids=[world.places["STORAGE"].pk], by=BY, at=AT)
    with pytest.raises(NothingToCount):
        cycle_count.open_round(world.warehouse.pk, by=BY, at=AT)


@pytest.mark.parametrize(
    ("counted", "counted_at"),
    [(-1, None), (1, AT - timedelta(days=3)), (1, datetime(2100, 1, 1, tzinfo=AT.tzinfo))],
)
def test_a_count_makes_sense(world: World, counted: int, counted_at: datetime | None) -> None:
    with pytest.raises(Invalid):
        tell(world, opened(world), counted, counted_at=counted_at)


def test_places_of_other_houses_and_virtual_ones_are_not_counted(world: World) -> None:
    made = opened(world)
    elsewhere = World.build().places["STORAGE"]
    for place in (elsewhere, world.places["LOSS"]):
        with pytest.raises(NotFound):
            cycle_count.tell(made.pk, Found(place.pk, world.product.pk, 1), by=ANN, at=AT)
        with pytest.raises(NotFound):
            cycle_count.open_round(world.warehouse.pk, location_ids=[place.pk], by=BY, at=AT)


def test_a_cancelled_count_books_nothing_more(world: World) -> None:
    made = opened(world)
    tell(world, made, 800)
    assert cycle_count.cancel(made.pk, by=BY, at=AT).lines.get().status == "CANCELLED"
    with pytest.raises(IllegalTransition):
        tell(world, made, 1000)


def test_a_count_told_twice_is_one_look_at_the_shelf(world: World) -> None:
    made = opened(world)
    for _ in range(3):
        assert tell(world, made, 950, counted_at=AT + MINUTE).status == "RECOUNT"
    assert tell(world, made, 950, counted_at=AT + 2 * MINUTE).status == "BOOKED"
    assert tell(world, made, 950, counted_at=AT + 2 * MINUTE).status == "BOOKED", (
        "also after the round is done"
    )
    assert (CountAttempt.objects.count(), on_shelf(world)) == (2, 950)


def key(world: World, made: CycleCount, **said: str) -> dict[str, object]:
    where = {"location": world.places["STORAGE"].code, "goods": world.product.sku}
    found = counts.key_scanned(BY, made.pk, **where, **said)
    return {name: found[name] for name in ("owner_id", "lot_id", "stock_status")}


def owned(world: World, owner_id: int | None, **fields: object) -> None:
    ends = (world.places["SUPPLIER"].pk, world.places["STORAGE"].pk)
    move = Move(world.product.pk, *ends, 5, owner_id=owner_id, **fields)  # type: ignore[arg-type]
    movement.post([move], at=AT, document_type="test", document_id=uuid7())


def test_a_scan_of_goods_that_one_party_alone_has_there_means_its_goods(world: World) -> None:
    batch = world.lot()
    owned(world, world.dealer.pk, lot_id=batch.pk)
    made = cycle_count.open_round(world.warehouse.pk, by=BY, at=AT)
    assert key(world, made) == {
        "owner_id": world.dealer.pk, "lot_id": batch.pk, "stock_status": "AVAILABLE",
    }  # fmt: skip
    found = counts.key_scanned(
        BY, made.pk, location=world.places["STORAGE"].code, goods=world.product.sku, owner=world.dealer.code
    )
    assert cycle_count.tell(made.pk, Found(counted=5, **found), by=ANN, at=AT).status == "BOOKED"
    made.refresh_from_db()
    assert made.status == "DONE", "no line of nobody's goods came beside it"


def test_a_scan_says_whose_goods_where_several_have_some(world: World) -> None:
    batch = world.lot()
    for owner in (world.dealer.pk, world.factory.pk):
        owned(world, owner, lot_id=batch.pk)
    made = cycle_count.open_round(world.warehouse.pk, by=BY, at=AT)
    with pytest.raises(Invalid) as refused:
        key(world, made)
    assert [problem.pointer for problem in refused.value.problems] == ["/owner"]
    assert key(world, made, owner=world.factory.code)["owner_id"] == world.factory.pk
    with pytest.raises(Invalid) as refused:
        key(world, made, owner="nobody")
    assert refused.value.problems[0].code == "unknown_owner"
    owned(world, None, status="DAMAGED")
    owned(world, None)
    made = cycle_count.open_round(world.warehouse.pk, by=BY, at=AT)
    assert key(world, made) == {"owner_id": None, "lot_id": None, "stock_status": "AVAILABLE"}
    assert key(world, made, stock_status="DAMAGED")["stock_status"] == "DAMAGED"


def test_what_was_seen_is_history(world: World) -> None:
    tell(world, opened(world), 800)
    with pytest.raises(IntegrityError, match="history"):
        execute("DELETE FROM warehousing_countattempt")
