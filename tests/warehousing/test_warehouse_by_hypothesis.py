"""The warehouse against a plain Python one: the same moves, counts and corrections, the same stock."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from b2b.core.actor import OPERATOR, Actor, acting_as, system
from b2b.core.ids import uuid7
from b2b.db.invariants import check
from tests.factories.warehousing import AT, BY, World
from tests.support.examples import examples
from warehousing.models import HandlingUnit, Lot, Quant
from warehousing.selectors import as_of
from warehousing.services import correction, count, cycle_count, movement, rebuild
from warehousing.services import lot as lots
from warehousing.services.correction import AlreadyReversed
from warehousing.services.cycle_count import Found
from warehousing.services.movement import Move, NotEnoughStock

REAL = ("RECEIVING", "STORAGE", "STAGING")
PLACES = ("SUPPLIER", *REAL, "CUSTOMER")
Key = tuple[str, int | None, int | None, str]  # place, lot, unit, status
NAMES = ["stock.quants", "stock.reserved", "stock.movements"]
LIMIT = 6  # base units one person may adjust alone
ANN, BOB = (Actor(kind=OPERATOR, organization_id=1, user_id=number) for number in (1, 2))


class Warehouse(RuleBasedStateMachine):
    """Every rule does a thing in both warehouses; refusals must be the same too."""

    def __init__(self) -> None:
        super().__init__()
        self.scope = transaction.atomic()
        self.scope.__enter__()
        self.world = World.build()
        self.lots = [None, *(Lot.objects.create(product=self.world.product, number=name).pk for name in "AB")]
        self.unit = HandlingUnit.objects.create(
            sscc=f"{self.world.warehouse.pk:018d}", created_at=AT, location=self.world.places["STORAGE"]
        ).pk
        self.stock: dict[Key, int] = defaultdict(int)
        self.moves: list[tuple[UUID, Key, Key, int]] = []
        self.reversed: set[UUID] = set()
        self.blocked: set[int] = set()
        self.alone = 0
        self.world.warehouse.count_approval_units = LIMIT
        self.world.warehouse.save()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.scope.__exit__(None, None, None)

    def _can(self, key: Key, quantity: int) -> bool:
        return key[0] not in REAL or self.stock[key] >= quantity

    def _apply(self, source: Key, destination: Key, quantity: int) -> None:
        self.stock[source] -= quantity
        self.stock[destination] += quantity

    @rule(
        ends=st.tuples(st.sampled_from(PLACES), st.sampled_from(PLACES)).filter(lambda two: two[0] != two[1]),
        lot=st.integers(0, 2),
        quantity=st.integers(1, 6),
        status=st.sampled_from(["AVAILABLE", "BLOCKED"]),
    )
    def move(self, ends: tuple[str, str], lot: int, quantity: int, status: str) -> None:
        source: Key = (ends[0], self.lots[lot], None, status)
        self._move(source, (ends[1], self.lots[lot], None, status), quantity)

    @rule(lot=st.integers(0, 2), quantity=st.integers(1, 4), back=st.booleans())
    def pack(self, lot: int, quantity: int, back: bool) -> None:
        loose: Key = ("STORAGE", self.lots[lot], None, "AVAILABLE")
        packed: Key = ("STORAGE", self.lots[lot], self.unit, "AVAILABLE")
        self._move(*((packed, loose) if back else (loose, packed)), quantity)

    @rule(lot=st.integers(0, 2), quantity=st.integers(1, 4))
    def block(self, lot: int, quantity: int) -> None:
        free: Key = ("STORAGE", self.lots[lot], None, "AVAILABLE")
        self._move(free, ("STORAGE", self.lots[lot], None, "BLOCKED"), quantity)

    def _move(self, source: Key, destination: Key, quantity: int) -> None:
        one = Move(
            self.world.product.pk, self.world.places[source[0]].pk, self.world.places[destination[0]].pk, quantity,
            lot_id=source[1], handling_unit_id=source[2], into_unit_id=destination[2], status=source[3],
            to_status=destination[3],
        )  # fmt: skip
        allowed = self._can(source, quantity)
        try:
            with transaction.atomic():
                [key] = movement.post([one], at=AT, document_type="test", document_id=uuid7())
        except NotEnoughStock:
            assert not allowed
            return
        assert allowed
        self._apply(source, destination, quantity)
        self.moves.append((key, source, destination, quantity))

    @rule(which=st.integers(0, 50))
    def take_back(self, which: int) -> None:
        if not self.moves:
            return
        key, source, destination, quantity = self.moves[which % len(self.moves)]
        allowed = key not in self.reversed and self._can(destination, quantity)
        try:
            with transaction.atomic():
                correction.reverse([key], reason="test", by=BY, at=AT)
        except (NotEnoughStock, AlreadyReversed):
            assert not allowed
            return
        assert allowed
        self.reversed.add(key)
        self._apply(destination, source, quantity)

    @rule(lot=st.integers(0, 2), off=st.integers(-3, 3))
    def count(self, lot: int, off: int) -> None:
        key: Key = ("STORAGE", self.lots[lot], None, "AVAILABLE")
        if not any(self.stock[place] for place in self.stock if place[0] in REAL):
            return
        made = cycle_count.open_round(self.world.warehouse.pk, by=BY, at=AT)
        counted = max(0, self.stock[key] + off)
        found = Found(self.world.places["STORAGE"].pk, self.world.product.pk, counted, lot_id=key[1])
        line = cycle_count.tell(made.pk, found, by=BY, at=AT)
        if line.status == "RECOUNT":
            line = cycle_count.tell(made.pk, found, by=BY, at=AT)
        assert (line.status, line.expected_quantity) == ("BOOKED", self.stock[key])
        self.stock[key] = counted

    @rule(lot=st.integers(0, 2), off=st.integers(-4, 4), believed=st.booleans())
    def adjust(self, lot: int, off: int, believed: bool) -> None:
        """Up to the limit one person's word is enough; above it a second one decides."""
        key: Key = ("STORAGE", self.lots[lot], None, "AVAILABLE")
        counted = max(0, self.stock[key] + off)
        found = Found(self.world.places["STORAGE"].pk, self.world.product.pk, counted, lot_id=key[1])
        line = count.adjust(found, reason="test", by=ANN, at=AT)
        change = abs(counted - self.stock[key])
        if self.alone + change <= LIMIT or not change:
            assert line.status == "BOOKED"
            self.alone += change
        else:
            assert line.status == "HELD"
            if not believed:
                cycle_count.cancel(line.cycle_count_id, by=BOB, at=AT)
                return
            cycle_count.approve(line.cycle_count_id, 1, reason="seen", by=BOB, at=AT)
        self.stock[key] = counted

    @rule(lot=st.integers(1, 2))
    def quarantine(self, lot: int) -> None:
        """A lot that is blocked moves, counts and is adjusted as before; its goods are nobody's to promise."""
        key = self.lots[lot]
        assert key is not None
        if key in self.blocked:
            lots.release(key, reason="test")
        else:
            lots.quarantine(key, reason="test", at=AT)
        self.blocked ^= {key}

    @invariant()
    def they_agree(self) -> None:
        rows = Quant.objects.filter(product=self.world.product).exclude(on_hand=0)
        found = {
            (row.location.kind, row.lot_id, row.handling_unit_id, row.status): row.on_hand
            for row in rows.select_related("location")
        }
        assert found == {key: held for key, held in self.stock.items() if held and key[0] in REAL}
        assert check(NAMES) == []
        assert rebuild.check().wrong == 0
        place = self.world.places["STORAGE"].pk
        told = as_of.balance(BY, product_id=self.world.product.pk, location_id=place, at=AT)
        assert told == sum(held for key, held in self.stock.items() if key[0] == "STORAGE")


@pytest.mark.django_db
def test_both_warehouses_hold_the_same() -> None:
    with acting_as(system("test")):
        run_state_machine_as_test(
            Warehouse,
            settings=settings(
                max_examples=examples(12),
                stateful_step_count=12,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
