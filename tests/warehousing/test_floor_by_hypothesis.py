"""The floor against a plain Python one: goods promised, picked, found missing, packed, stacked, pulled and shipped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from b2b.contracts.logistics import CarriedShipment, Departed
from b2b.core.actor import acting_as, system
from b2b.core.ids import uuid7
from tests.factories.warehousing import AT, BY
from tests.support.examples import examples
from tests.support.plain_floor import WALKED, PlainFloor
from warehousing.models import Package, PickTask
from warehousing.services import carton, demand, issue, packing, picking, pull, repack, wave
from warehousing.services.wave import NothingToPick

NUMBERS = st.integers(0, 50)


class Floor(PlainFloor):
    """Every rule does a thing on both floors."""

    EVERYTHING: ClassVar = {
        "promised", "promised less", "picked", "short, found elsewhere", "short, given up", "packed", "closed",
        "reopened", "unpacked", "stacked", "taken off its pallet", "pulled", "told", "left", "left with its pallet",
    }  # fmt: skip

    # --- goods and promises ------------------------------------------------------------------------------------
    @initialize(quantity=st.integers(1, 9))
    def begin(self, quantity: int) -> None:
        """Have something picked: most of what can be done begins in staging."""
        self.receive(0, 9)
        self.receive(1, 5)
        self.want(quantity)
        self.release()
        self.pick(0, 0)

    @precondition(lambda self: self.shelf < 15)
    @rule(lot=st.integers(0, 1), quantity=st.integers(1, 9))
    def receive(self, lot: int, quantity: int) -> None:
        self.world.stock(quantity, lot=self.lots[lot])
        self._move(self.lots[lot].pk, quantity, "", "STORAGE")

    @precondition(lambda self: 0 < self.shelf >= self.promised)
    @rule(quantity=st.integers(1, 12))
    def want(self, quantity: int) -> None:
        line = self.world.demand_line(quantity)
        expected = min(quantity, max(0, self.shelf - self.promised))
        assert demand.cover([line], at=AT) == {line.order_line_id: expected}
        self.promised += expected
        WALKED["promised" if expected == quantity else "promised less"] += 1

    # --- the aisles ----------------------------------------------------------------------------------------------
    @precondition(lambda self: self.shelf > 0 and self.promised > self._to_pick())
    @rule()
    def release(self) -> None:
        before = self._to_pick()
        try:
            with transaction.atomic():
                wave.release(self.world.warehouse.pk, by=BY, at=AT)
        except NothingToPick:
            assert self._to_pick() == before
            assert before == min(self.promised, self.shelf)
            return
        assert before < self._to_pick() <= self.promised
        if self.promised <= self.shelf:
            assert self._to_pick() == self.promised

    @precondition(lambda self: self._to_pick() > 0)
    @rule(which=NUMBERS, lacking=st.sampled_from([0, 0, 1, 2, 20]))
    def pick(self, which: int, lacking: int) -> None:
        """Take the goods of a task, or what is there of them; the rest is looked for elsewhere, or given up."""
        tasks = list(PickTask.objects.filter(status="OPEN").order_by("pk"))
        task = tasks[which % len(tasks)]
        missing = min(lacking, task.quantity)
        found, lot = task.quantity - missing, task.lot_id
        assert lot is not None
        others, is_scarce = self._to_pick() - task.quantity, self.promised > self.shelf
        picking.confirm(task.wave_id, picked={task.task_number: found}, by=BY, at=AT)
        self._move(lot, found, "STORAGE", "STAGING")
        self._move(lot, missing, "STORAGE", "QUALITY")
        self.loose[task.wave_id] += found
        self.promised -= found
        if not missing:
            WALKED["picked"] += 1
            return
        again = self._to_pick() - others
        assert 0 <= again <= missing
        if not is_scarce and self.promised <= self.shelf:
            assert again == missing, "there is enough for everybody"
        WALKED["short, found elsewhere" if again == missing else "short, given up"] += 1
        self.promised -= missing - again

    # --- the packing desk ----------------------------------------------------------------------------------------
    @precondition(lambda self: any(self.loose.values()))
    @rule(quantity=st.integers(1, 9), which=NUMBERS)
    def pack(self, quantity: int, which: int) -> None:
        waves = [key for key, left in self.loose.items() if left]
        key = waves[which % len(waves)]
        part = min(quantity, self.loose[key])
        code = carton.open_for(key, site_code=self.world.shop.code, by=BY, at=AT).sscc
        carton.put(code, goods=self.world.product.sku, quantity=part, at=AT)
        self.loose[key] -= part
        self._note(code, "OPEN")
        assert sum(self.boxes[code].values()) == part
        WALKED["packed"] += 1

    @precondition(lambda self: self._in("OPEN"))
    @rule(which=NUMBERS)
    def close(self, which: int) -> None:
        code = self._chosen(which, "OPEN")
        carton.close(code, by=BY, at=AT)
        self.state[code] = "PACKED"
        WALKED["closed"] += 1

    @precondition(lambda self: any(self.loose.values()))
    @rule(which=NUMBERS)
    def palletise(self, which: int) -> None:
        """Pack, close and stack in one go: chance seldom does all three, one after the other, to one package."""
        self.pack(9, which)
        self.close(-1)
        self.stack(-1, onto=True)

    @precondition(lambda self: self._closed(is_told=False))
    @rule(which=NUMBERS)
    def reopen(self, which: int) -> None:
        codes = self._closed(is_told=False)
        code = codes[which % len(codes)]
        repack.reopen(code, by=BY, at=AT)
        self.state[code] = "OPEN"
        WALKED["reopened"] += 1

    @precondition(lambda self: self._in("OPEN"))
    @rule(which=NUMBERS)
    def unpack(self, which: int) -> None:
        code = self._chosen(which, "OPEN")
        repack.unpack(code, by=BY, at=AT)
        self.loose[Package.objects.get(sscc=code).wave_id] += sum(self.boxes[code].values())
        self._end(code, "UNPACKED")
        WALKED["unpacked"] += 1

    @precondition(lambda self: self._in("PACKED"))
    @rule(which=NUMBERS, onto=st.booleans())
    def stack(self, which: int, onto: bool) -> None:
        """Put a package on a pallet of its own, or with others on one that stands there."""
        code = self._chosen(which, "PACKED")
        standing = [pallet for of, pallet in self.pallet.items() if self.state[of] != "DEPARTED"]
        known = standing[0] if onto and standing else ""
        unit = repack.stack(self.world.warehouse.pk, [code], pallet_sscc=known, at=AT)
        self.pallet[code] = unit.sscc
        WALKED["stacked"] += 1

    @precondition(lambda self: self._in("PACKED"))
    @rule(which=NUMBERS)
    def pull(self, which: int) -> None:
        """Take a package out of its shipment: its goods are on their shelf again, and promised again."""
        code = self._chosen(which, "PACKED")
        pull.pull([code], reason="crushed", by=BY, at=AT)
        for lot, quantity in self.boxes[code].items():
            self._move(lot, quantity, "STAGING", "STORAGE")
            self.promised += quantity
        self._end(code, "PULLED")
        WALKED["pulled"] += 1

    @precondition(lambda self: self._waves_to_tell())
    @rule(which=NUMBERS)
    def tell(self, which: int) -> None:
        """Pack what is left of a wave that is picked, and tell dispatch."""
        waves = self._waves_to_tell()
        one = waves[which % len(waves)]
        made = packing.pack(one.pk, by=BY, at=AT)
        for package in made:
            self._note(package.sscc, "PACKED")
        assert sum(sum(self.boxes[package.sscc].values()) for package in made) == self.loose.pop(one.pk, 0)
        WALKED["told"] += 1

    @precondition(lambda self: self._closed(is_told=True))
    @rule(which=NUMBERS)
    def leave(self, which: int) -> None:
        codes = self._closed(is_told=True)
        code = codes[which % len(codes)]
        package = Package.objects.get(sscc=code)
        issue.depart(self._departed(package), by=BY, at=AT + timedelta(hours=1))
        for lot, quantity in self.boxes[code].items():
            self._move(lot, quantity, "STAGING", "")
        self.state[code] = "DEPARTED"
        WALKED["left"] += 1

    def _departed(self, package: Package) -> Departed:
        given: dict[str, Any] = {"dealer_id": package.dealer_id, "ship_to_site_id": package.ship_to_site_id}
        shipment = CarriedShipment(
            shipment_id=uuid7(), number="SH-1", package_ids=(package.pk,), lines=(), **given
        )
        return Departed(
            occurred_at=AT, trip_id=uuid7(), number="TR-1", carrier_id=1,
            warehouse_site_id=self.world.warehouse.site_id, shipments=(shipment,),
        )  # fmt: skip


@pytest.mark.django_db
def test_both_floors_do_the_same_whatever_is_done() -> None:
    with acting_as(system("test")):
        run_state_machine_as_test(
            Floor,
            settings=settings(
                max_examples=examples(12),
                stateful_step_count=30,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )


STORY: list[tuple[str, dict[str, Any]]] = [
    ("receive", {"lot": 0, "quantity": 6}),
    ("receive", {"lot": 1, "quantity": 4}),
    # All of the first lot and two of the second; what is not found of the first is taken from the second.
    ("want", {"quantity": 8}),
    ("release", {}),
    ("pick", {"which": 0, "lacking": 2}),
    ("pick", {"which": 0, "lacking": 0}),
    ("pick", {"which": 0, "lacking": 0}),
    # Two cartons on a pallet; one is taken off it again and packed anew.
    ("pack", {"quantity": 3, "which": 0}),
    ("close", {"which": 0}),
    ("stack", {"which": 0, "onto": False}),
    ("pack", {"quantity": 2, "which": 0}),
    ("close", {"which": 0}),
    ("stack", {"which": 1, "onto": True}),
    ("reopen", {"which": 1}),
    ("unpack", {"which": 0}),
    # What is loose goes into a package of its own as dispatch is told, and is pulled out again.
    ("tell", {"which": 0}),
    ("pull", {"which": 1}),
    ("leave", {"which": 0}),
    # More is wanted than there is, and nothing of it is found.
    ("want", {"quantity": 9}),
    ("release", {}),
    ("pick", {"which": 0, "lacking": 20}),
]


@pytest.mark.django_db
def test_a_day_on_both_floors_leaves_nothing_out() -> None:
    WALKED.clear()
    with acting_as(system("test")):
        floor = Floor()
        try:
            for action, given in STORY:
                getattr(floor, action)(**given)
                floor.the_same_goods_stand_everywhere()
                floor.the_same_is_promised()
                floor.packages_stand_where_they_were_put()
                floor.the_books_are_sound()
        finally:
            floor.teardown()
    assert Floor.EVERYTHING - set(+WALKED) == set()
