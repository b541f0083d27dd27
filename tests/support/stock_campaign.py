"""Sixteen writers at one hot lot: reserve, release, ship, count, transfer, receive; and what came of it."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier, Lock

from django.db import IntegrityError, OperationalError, connections

from b2b.core.actor import OPERATOR, Actor, acting_as, system
from b2b.core.ids import uuid7
from b2b.core.machine import IllegalTransition
from b2b.db.bulk import fetch, fetch_value
from b2b.db.invariants import check
from b2b.db.transactions import Busy
from tests.factories.warehousing import AT, BY, World
from warehousing.models import Demand, Lot, Quant
from warehousing.services import (
    cycle_count,
    demand,
    movement,
    picking,
    promise_release,
    reservation,
    wave,
)
from warehousing.services.cycle_count import Found, NothingToCount
from warehousing.services.movement import Move, NotEnoughStock
from warehousing.services.wave import NothingToPick

PROMISES = [
    *("stock.quants", "stock.reserved", "stock.demand", "stock.movements"),
    *("promise.books", "promise.bands", "promise.goods"),
]
# What goods are lost by that may be promised; after it more may be promised than there is.
LOSING = {"count", "take", "transfer"}
OVERSOLD = """
SELECT book.id, book.promised, coalesce(sum(usable.on_hand), 0) FROM warehousing_promisebook book
LEFT JOIN warehousing_usable usable ON usable.product_id = book.product_id
    AND usable.warehouse_id = book.warehouse_id AND usable.owner_id IS NOT DISTINCT FROM book.owner_id
GROUP BY book.id HAVING book.promised > coalesce(sum(usable.on_hand), 0)
"""
REFUSALS = (Busy, NotEnoughStock, NothingToPick, NothingToCount, IllegalTransition)
CHECKER: Actor = Actor(kind=OPERATOR, organization_id=0, user_id=99)


@dataclass
class Campaign:
    """What writers do to a lot of a world; `seed` decides what each of them tries."""

    world: World
    lot: Lot
    writers: int = 16
    seed: int = 0
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    _guard: Lock = field(default_factory=Lock)

    def run(self, *, operations: int = 0, seconds: float = 0.0, only: tuple[str, ...] = ()) -> list[str]:
        """Let every writer do so many things, or for so long; return what was broken, nothing if all is well."""
        start = Barrier(self.writers)
        works = {name: work for name, work in self._works().items() if not only or name in only}

        def write(number: int) -> None:
            chance = random.Random(f"{self.seed}/{number}")
            try:
                with acting_as(system(f"writer {number}")):
                    start.wait()
                    until = time.monotonic() + seconds
                    turn = 0
                    while turn < operations or (not operations and time.monotonic() < until):
                        turn += 1
                        name = chance.choice(list(works))
                        self._try(name, works[name], chance)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(self.writers) as pool:
            list(pool.map(write, range(self.writers)))
        self.violations += [f"{broken.invariant.name}: {broken.rows[:2]}" for broken in check(PROMISES)]
        if not LOSING & works.keys():
            self.violations += [f"oversold: {row}" for row in fetch(OVERSOLD)]
        return self.violations

    def figures(self) -> str:
        """Say what was done and refused, and how many deadlocks the database met and services tried again."""
        met = fetch_value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return (
            f"{sum(self.done.values())} done {dict(self.done)}, {sum(self.refused.values())} refused "
            f"{dict(self.reasons)}, {met} deadlocks met, {len(self.violations)} violations"
        )

    def _try(self, name: str, work: Callable[[random.Random], None], chance: random.Random) -> None:
        outcome = self.done
        try:
            work(chance)
        except REFUSALS as refusal:
            outcome = self.refused
            with self._guard:
                self.reasons[type(refusal).__name__] += 1
        except (IntegrityError, OperationalError) as error:  # a deadlock that surfaced is of these
            with self._guard:
                self.violations.append(f"{name}: {error}")
        with self._guard:
            outcome[name] += 1

    def _works(self) -> dict[str, Callable[[random.Random], None]]:
        place = {kind: self.world.places[kind].pk for kind in self.world.places}

        def move(source: str, destination: str, quantity: int) -> None:
            one = Move(self.world.product.pk, place[source], place[destination], quantity, lot_id=self.lot.pk)
            movement.post([one], at=AT, document_type="campaign", document_id=uuid7())

        def reserve(chance: random.Random) -> None:
            line = self.world.demand_line(chance.randint(1, 3))
            demand.cover([line], at=AT)
            reservation.allocate_demands(self._of(line.order_line_id), at=AT)

        def release(chance: random.Random) -> None:
            line = self.world.demand_line(chance.randint(2, 4))
            demand.cover([line], at=AT)
            keys = self._of(line.order_line_id)
            reservation.allocate_demands(keys, at=AT)
            Demand.objects.filter(pk__in=keys).update(quantity=1)
            promise_release.trim(keys)

        def ship(chance: random.Random) -> None:
            if chance.random() < 0.5:
                picking.confirm(wave.release(self.world.warehouse.pk, by=BY, at=AT).pk, by=BY, at=AT)
            move("STAGING", "CUSTOMER", 1)

        def count(chance: random.Random) -> None:
            made = cycle_count.open_round(
                self.world.warehouse.pk, location_ids=[place["STORAGE"]], by=BY, at=AT
            )
            quant = Quant.objects.filter(location_id=place["STORAGE"], lot=self.lot).get()
            seen = max(0, quant.on_hand + chance.randint(-2, 2))
            found = Found(place["STORAGE"], self.world.product.pk, seen, lot_id=self.lot.pk)
            for _ in range(2):
                line = cycle_count.tell(made.pk, found, by=BY, at=AT)
                if line.status == "HELD":
                    cycle_count.approve(made.pk, line.line_number, reason="campaign", by=CHECKER, at=AT)
                if line.status != "RECOUNT":
                    return
            cycle_count.cancel(made.pk, by=BY, at=AT)

        return {
            "reserve": reserve,
            "release": release,
            "ship": ship,
            "count": count,
            "take": lambda chance: move("STORAGE", "QUALITY", 1),
            "transfer": lambda chance: move(*chance.choice(TRANSFERS), chance.randint(1, 3)),
            "receive": lambda chance: move("SUPPLIER", "STORAGE", chance.randint(1, 4)),
        }

    def _of(self, order_line_id: int) -> list[int]:
        return list(Demand.objects.filter(order_line_id=order_line_id).values_list("pk", flat=True))


TRANSFERS = (
    ("STORAGE", "RECEIVING"),
    ("RECEIVING", "STORAGE"),
    ("STORAGE", "QUALITY"),
    ("QUALITY", "STORAGE"),
)
