"""Where the market is played: the parties, one source of chance, the simulated clock, and patience."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db import InterfaceError, OperationalError, connection

from b2b.catalog.models import Product
from b2b.core import clock
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError
from b2b.db.bulk import fetch_value
from b2b.db.transactions import Busy
from b2b.directory.models import Organization
from b2b.market.world import World
from b2b.outbox import dispatch

ZONE = ZoneInfo("Asia/Shanghai")
PATIENCE_S = 120  # how long a party keeps trying while a server is away
T = TypeVar("T")

WAITING = "SELECT count(*) FROM outbox_delivery WHERE status IN ('PENDING', 'SENT')"


class FactsStuck(DomainError):
    """Deliveries of the outbox did not come to an end; are worker, relay and broker running?"""

    code = "facts_stuck"
    status = 500


def insist(call: Callable[[], T], *, tell: Callable[[], object] | None = None) -> T:
    """Do something that may be repeated safely, again and again while the database is away or busy.

    :raises OperationalError: when it stayed away for two minutes.
    """
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return call()
        except (OperationalError, InterfaceError, Busy):
            if time.monotonic() > until:
                raise
            connection.close()
            if tell:
                tell()
            time.sleep(0.5)


@dataclass
class Stage:
    """A market being played.

    `first_day` is the simulated day 0 of `days`. With `through_workers` facts are left to the relay and the workers,
    as in production; otherwise they are worked off in this process, which makes a run repeatable from its seed.
    Unless `is_pooling` each order is bought by itself: what pooling saves is the difference of two such markets.
    """

    world: World
    seed: int
    first_day: date
    days: int
    through_workers: bool = False
    is_pooling: bool = True
    counts: Counter[str] = field(default_factory=Counter)
    day: int = 0
    assortment: dict[int, list[tuple[Product, int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    @property
    def today(self) -> date:
        """The simulated date."""
        return self.first_day + timedelta(days=self.day)

    @property
    def is_last_day(self) -> bool:
        """Tell whether nobody will be there tomorrow to tidy up."""
        return self.day == self.days - 1

    def moment(self, hour: float) -> datetime:
        """Return a time of the simulated day, in the warehouse's time zone."""
        start = datetime.combine(self.today, time_of_day(), tzinfo=ZONE)
        return start + timedelta(seconds=round(hour * 3600))

    def chance_of(self, name: str) -> random.Random:
        """Return today's chances of one thing, whatever else is still to be decided when a step is repeated."""
        return random.Random(f"{self.seed}/{self.day}/{name}")

    @contextmanager
    def at(self, hour: float) -> Iterator[datetime]:
        """Live at a time of the day inside the block; the database's clock follows."""
        with clock.travel(self.moment(hour)):
            yield clock.now()

    @contextmanager
    def acting(self, organization: Organization) -> Iterator[Actor]:
        """Act for a party inside the block."""
        with acting_as(self.world.actor(organization)) as actor:
            yield actor

    def live(self, step: Callable[[Stage], None]) -> None:
        """Take one step of the day, from its start again when the database went away in its midst.

        A step looks for what is still to be done, so that a repeated one does only the rest; and it draws its chances
        anew from the seed and the day, so that a market whose process was killed decides the same when it goes on.
        """
        self.insist(lambda: self._step(step))
        self.settle()

    def _step(self, step: Callable[[Stage], None]) -> None:
        self.chance = random.Random(f"{self.seed}/{self.day}/{step.__module__}.{step.__name__}")
        step(self)

    def insist(self, call: Callable[[], T]) -> T:
        """Do something that may be repeated safely; count how often it had to be."""
        return insist(call, tell=lambda: self.counts.update(["tried again"]))

    def settle(self) -> None:
        """Let every fact told so far have its effect.

        :raises FactsStuck: when the workers do not come to an end.
        """
        if not self.through_workers:
            self.counts["facts"] += self.insist(dispatch.drain)
            return
        until = time.monotonic() + PATIENCE_S
        while self.insist(self._waiting):
            if time.monotonic() > until:
                raise FactsStuck(waiting=self._waiting())
            time.sleep(0.05)

    def _waiting(self) -> int:
        with acting_as(system("market")):
            return int(fetch_value(WAITING))
