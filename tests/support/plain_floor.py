"""What a plain Python floor knows of the goods of a warehouse, and what must be the same in the books."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine, invariant

from b2b.db.invariants import check
from tests.factories.warehousing import AT, World
from warehousing.models import HandlingUnit, Package, PickTask, Promise, Quant, Wave
from warehousing.services import rebuild

SOUND = ["stock.quants", "stock.units", "stock.reserved", "stock.movements"]
WALKED: Counter[str] = Counter()


class PlainFloor(RuleBasedStateMachine):
    """Goods counted by place and lot, promises by their sum, and what is in which package."""

    def __init__(self) -> None:
        super().__init__()
        self.scope = transaction.atomic()
        self.scope.__enter__()
        self.world = World.build()
        self.lots = [self.world.lot(AT.date() + timedelta(days=days)) for days in (100, 200)]
        self.stock: Counter[tuple[str, int]] = Counter()  # (place, lot) -> base units
        self.promised = 0  # and not picked
        self.loose: Counter[UUID] = Counter()  # wave -> picked, and in no package
        self.boxes: dict[str, Counter[int]] = {}  # SSCC -> lot -> base units
        self.state: dict[str, str] = {}
        self.pallet: dict[str, str] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.scope.__exit__(None, None, None)

    # --- what the plain floor knows ----------------------------------------------------------------------------
    @property
    def shelf(self) -> int:
        return sum(held for (place, _), held in self.stock.items() if place == "STORAGE")

    def _move(self, lot: int, quantity: int, source: str, destination: str) -> None:
        if source:
            self.stock[source, lot] -= quantity
        if destination:
            self.stock[destination, lot] += quantity

    def _in(self, state: str) -> list[str]:
        """Return packages in the order they were made: SSCCs are drawn, and a run is to be run again."""
        return [code for code, at_present in self.state.items() if at_present == state]

    def _chosen(self, which: int, state: str) -> str:
        codes = self._in(state)
        return codes[which % len(codes)]

    def _closed(self, *, is_told: bool) -> list[str]:
        """Return the closed packages dispatch was told of, or was not."""
        waves = Wave.objects.filter(status="PACKED")
        told = set(Package.objects.filter(wave__in=waves).values_list("sscc", flat=True))
        return [code for code in self._in("PACKED") if (code in told) == is_told]

    def _waves_to_tell(self) -> list[Wave]:
        opened = Package.objects.filter(status="OPEN").values("wave")
        return list(Wave.objects.filter(status="PICKED").exclude(pk__in=opened).order_by("pk"))

    def _to_pick(self) -> int:
        return sum(PickTask.objects.filter(status="OPEN").values_list("quantity", flat=True))

    def _note(self, code: str, state: str) -> None:
        """Take down which lots are in a package: which of them are taken first is the desk's to say."""
        self.boxes[code] = Counter()
        for lot, quantity in Package.objects.get(sscc=code).lines.values_list("lot_id", "quantity"):
            self.boxes[code][lot] += quantity
        self.state[code] = state

    def _end(self, code: str, state: str) -> None:
        self.boxes[code], self.state[code] = Counter(), state
        WALKED["taken off its pallet"] += self.pallet.pop(code, None) is not None

    # --- what must always hold -----------------------------------------------------------------------------------
    @invariant()
    def the_same_goods_stand_everywhere(self) -> None:
        found: Counter[tuple[str, int]] = Counter()
        packed: Counter[tuple[str, int]] = Counter()
        rows = Quant.objects.filter(product=self.world.product, on_hand__gt=0)
        for kind, lot, sscc, held in rows.values_list(
            "location__kind", "lot_id", "handling_unit__sscc", "on_hand"
        ):
            found[kind, lot] += held
            if sscc:
                packed[sscc, lot] += held
        assert found == +self.stock
        assert packed == Counter(
            {
                (code, lot): held
                for code, lots in self.boxes.items()
                if self.state[code] != "DEPARTED"
                for lot, held in lots.items()
            }
        )
        assert sum(self.loose.values()) == sum(
            held for (place, _), held in self.stock.items() if place == "STAGING"
        ) - sum(packed.values())

    @invariant()
    def the_same_is_promised(self) -> None:
        open_ = Promise.objects.filter(status="ON_HAND").values_list("quantity", "picked")
        assert sum(quantity - picked for quantity, picked in open_) == self.promised
        assert self._to_pick() <= self.shelf

    @invariant()
    def packages_stand_where_they_were_put(self) -> None:
        assert dict(Package.objects.values_list("sscc", "status")) == self.state
        units = HandlingUnit.objects.filter(parent__isnull=False)
        assert dict(units.values_list("sscc", "parent__sscc")) == self.pallet
        for pallet in set(self.pallet.values()):
            on_it = {self.state[code] for code, under in self.pallet.items() if under == pallet}
            has_left = HandlingUnit.objects.get(sscc=pallet).status == "SHIPPED"
            assert has_left == (on_it == {"DEPARTED"})
            WALKED["left with its pallet"] += has_left

    @invariant()
    def the_books_are_sound(self) -> None:
        assert check(SOUND) == []
        assert rebuild.check().wrong == 0
