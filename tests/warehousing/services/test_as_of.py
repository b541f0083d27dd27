"""Any balance at any moment, as it was and as it was known, before and after months are summed up."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from b2b.core.actor import Actor, acting_as, system
from b2b.core.clock import now
from b2b.core.errors import Invalid, NotFound
from b2b.core.ids import uuid7
from b2b.db.bulk import execute, fetch_value
from b2b.db.invariants import check
from b2b.directory.selectors.acting import of_organization
from tests.factories.warehousing import AT, BY, World
from tests.support.examples import examples
from warehousing.models import Location, Quant, StockLedgerEntry, StockPeriodChange
from warehousing.selectors import as_of
from warehousing.services import correction, movement, stock_period
from warehousing.services.correction import AlreadyReversed
from warehousing.services.movement import Move, NotEnoughStock

DAY = timedelta(days=1)


def bring(world: World, quantity: int, *, effective: datetime, recorded: datetime | None = None) -> object:
    """Bring goods in as if it were recorded at a moment of the past."""
    execute("SELECT set_config('midstream.clock', %s, true)", [(recorded or effective).isoformat()])
    move = Move(world.product.pk, world.places["SUPPLIER"].pk, world.places["STORAGE"].pk, quantity)
    [key] = movement.post([move], at=effective, document_type="test", document_id=uuid7())
    execute("SELECT set_config('midstream.clock', '', true)")
    return key


def held(world: World, at: datetime, known_at: datetime | None = None) -> int:
    return as_of.balance(
        BY, product_id=world.product.pk, location_id=world.places["STORAGE"].pk, at=at, known_at=known_at
    )


@pytest.mark.parametrize("closed", [False, True])
def test_the_past_as_it_was_and_as_it_was_known(world: World, closed: bool) -> None:
    bring(world, 5, effective=AT - 100 * DAY)
    bring(world, 7, effective=AT - 90 * DAY, recorded=AT - 10 * DAY)
    bring(world, 11, effective=AT)
    if closed:
        stock_period.close(at=AT + 200 * DAY)
    assert [held(world, AT - days * DAY) for days in (101, 100, 90, 0)] == [0, 5, 12, 23]
    assert held(world, AT - 80 * DAY, known_at=AT - 80 * DAY) == 5
    assert held(world, AT, known_at=AT - 5 * DAY) == 12
    assert held(world, AT + DAY, known_at=AT + DAY) == 23
    assert check(["stock.periods"]) == []


def test_a_month_is_closed_once_and_only_when_it_is_over(world: World) -> None:
    bring(world, 5, effective=AT)
    assert stock_period.close(at=AT.replace(day=31)) == []
    assert stock_period.close(at=datetime(2026, 4, 1, 12, tzinfo=UTC)) == []
    assert len(stock_period.close(at=datetime(2026, 4, 2, 1, tzinfo=UTC))) == 1
    assert stock_period.close(at=datetime(2026, 4, 2, 1, tzinfo=UTC)) == []


def test_a_sum_that_was_tampered_with_is_found(world: World) -> None:
    bring(world, 5, effective=AT)
    stock_period.close(at=AT + 60 * DAY)
    StockPeriodChange.objects.filter(quantity=5).update(quantity=6)
    assert [broken.invariant.name for broken in check(["stock.periods"])] == ["stock.periods"]


def test_a_dealer_reads_what_is_its_own(world: World) -> None:
    bring(world, 5, effective=AT)
    place = world.places["STORAGE"].pk
    sold = Move(world.product.pk, place, place, 2, to_owner_id=world.dealer.pk)
    movement.post([sold], at=AT, document_type="test", document_id=uuid7())
    dealer = of_organization(world.dealer)
    with acting_as(dealer):
        assert as_of.balance(dealer, product_id=world.product.pk, location_id=place, at=AT) == 2


@pytest.mark.parametrize("closed", [False, True])
def test_a_warehouse_of_the_past_is_told_place_by_place(world: World, closed: bool) -> None:
    lot = world.lot()
    world.stock(5, lot=lot, at=AT - 100 * DAY)
    world.stock(3, owner=world.dealer, at=AT - 90 * DAY)
    move = Move(world.product.pk, world.places["STORAGE"].pk, world.places["STAGING"].pk, 2, lot_id=lot.pk)
    movement.post([move], at=AT - 80 * DAY, document_type="test", document_id=uuid7())
    if closed:
        stock_period.close(at=now() + 60 * DAY)
    asked = {"sku": world.product.sku, "warehouse": world.warehouse.code}

    def told(days: int, actor: Actor = BY) -> set[tuple[str, int]]:
        with acting_as(actor):
            return {
                (row.location.kind, row.quantity) for row in as_of.stock(actor, **asked, at=AT - days * DAY)
            }

    assert told(101) == set()
    assert told(100) == {("STORAGE", 5)}
    assert told(0) == {("STORAGE", 3), ("STAGING", 2)}
    [total] = [sum(quantity for _, quantity in told(90))]
    assert total == 8
    assert told(0, of_organization(world.dealer)) == {("STORAGE", 3)}
    with pytest.raises(Invalid) as refused:
        as_of.stock(BY, sku="none", warehouse="nowhere", at=AT)
    assert {problem.code for problem in refused.value.problems} == {"unknown_product", "unknown_location"}


def test_a_back_dated_reversal_reads_as_if_it_had_not_happened(world: World) -> None:
    bring(world, 5, effective=AT - 100 * DAY)
    wrong = bring(world, 7, effective=AT - 90 * DAY)
    stock_period.close(at=AT)
    before = now()
    legs = StockLedgerEntry.objects.count()
    correction.reverse([wrong], reason="typed twice", by=BY, at=now())  # type: ignore[list-item]
    assert held(world, AT - 80 * DAY) == 5
    assert held(world, AT - 80 * DAY, known_at=before) == 12
    assert StockLedgerEntry.objects.count() == legs + 2
    assert Quant.objects.get().on_hand == 5
    assert check(["stock.quants", "stock.periods"]) == []


def test_a_movement_is_taken_back_once_with_a_reason_and_not_before_it_happened(world: World) -> None:
    moved = bring(world, 5, effective=AT)
    with pytest.raises(Invalid, match="why"):
        correction.reverse([moved], reason=" ", by=BY, at=AT)  # type: ignore[list-item]
    with pytest.raises(Invalid, match="takes effect"):
        correction.reverse([moved], reason="x", by=BY, at=AT, effective_at=AT - DAY)  # type: ignore[list-item]
    with pytest.raises(NotFound):
        correction.reverse([uuid7()], reason="x", by=BY, at=AT)
    [undone] = correction.reverse([moved], reason="x", by=BY, at=AT)  # type: ignore[list-item]
    with pytest.raises(AlreadyReversed):
        correction.reverse([moved], reason="x", by=BY, at=AT)  # type: ignore[list-item]
    correction.reverse([undone], reason="it was right after all", by=BY, at=AT)
    assert Quant.objects.get().on_hand == 5


def test_goods_that_have_moved_on_cannot_be_taken_back(world: World) -> None:
    moved = bring(world, 5, effective=AT)
    away = Move(world.product.pk, world.places["STORAGE"].pk, world.places["CUSTOMER"].pk, 3)
    movement.post([away], at=AT, document_type="test", document_id=uuid7())
    with pytest.raises(NotEnoughStock):
        correction.reverse([moved], reason="x", by=BY, at=AT)  # type: ignore[list-item]


@settings(
    max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    legs=st.lists(st.tuples(st.integers(0, 120), st.integers(0, 120), st.integers(1, 9)), max_size=12),
    asked=st.tuples(st.integers(-5, 125), st.integers(-5, 125)),
    closed=st.integers(0, 130),
)
def test_it_is_the_plain_sum(
    django_db_blocker: object,
    world: World,
    legs: list[tuple[int, int, int]],
    asked: tuple[int, int],
    closed: int,
) -> None:
    """Whatever was recorded when, and whichever months are summed up, the balance is the plain sum of the legs."""
    from django.db import transaction

    start = AT - 130 * DAY
    with acting_as(system("test")), transaction.atomic():
        for happened, later, quantity in sorted(legs, key=lambda leg: leg[0] + leg[1]):
            bring(
                world, quantity, effective=start + happened * DAY, recorded=start + (happened + later) * DAY
            )
            if happened + later > closed:
                break
        stock_period.close(at=start + closed * DAY)
        at, known_at = start + asked[0] * DAY, start + asked[1] * DAY
        plain = fetch_value(
            "SELECT coalesce(sum(quantity), 0) FROM warehousing_stockledgerentry WHERE location_id = %s"
            " AND effective_at <= %s AND recorded_at <= %s",
            [Location.objects.get(pk=world.places["STORAGE"].pk).pk, at, known_at],
        )
        assert held(world, at, known_at) == plain
        transaction.set_rollback(True)
