"""Facts that come again, late, or in another order lead to the same books."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from b2b.core.actor import acting_as, system
from b2b.db.bulk import execute, fetch
from b2b.market import play
from b2b.outbox import dispatch
from b2b.outbox.models import Delivery
from finance import facade
from finance.models import Invoice, JournalLine
from finance.policies.chart import EXPOSURE
from orders.models import Peg
from orders.models.order import BUCKETS
from tests.factories import orders as make
from tests.flows.chain import PLATFORM, Chain, sound
from warehousing.models import Quant

# What tells how work was done, not what came of it.
AMOUNTS = ("net_amount", "tax_amount", "open_amount")
TRACES = ("outbox_", "django_", "auth_", "oauth2_", "http_")


def everything() -> dict[str, list[str]]:
    """Return the rows of every table of the apps as text, in an order that does not depend on where they lie."""
    tables = [name for name in connection.introspection.table_names() if not name.startswith(TRACES)]
    return {name: sorted(row for (row,) in fetch(f'SELECT t::text FROM "{name}" t')) for name in tables}


def test_every_fact_of_a_finished_market_told_again_changes_nothing(committed_db: str) -> None:
    result = play.market(days=11, dealers=3, seed=5, first_day=date(2026, 3, 2))
    assert result.counts["deliveries"] > 0
    with acting_as(system("test")):
        before = everything()
        again = execute("UPDATE outbox_delivery SET status = 'PENDING', due_at = statement_timestamp()")
        assert dispatch.drain() == again
        assert not Delivery.objects.exclude(status="DONE").exists()
        after = everything()
    changed = {name: _difference(before[name], after[name]) for name in before if before[name] != after[name]}
    assert changed == {}


def _difference(before: list[str], after: list[str]) -> list[str]:
    return sorted((Counter(before) - Counter(after)) + (Counter(after) - Counter(before)))[:4]


@dataclass
class Late(Chain):
    """A chain whose facts wait until somebody lets them come, and then come in any order."""

    chance: random.Random = field(default_factory=random.Random)

    def settled(self, *, hours: float = 1) -> None:
        """Only let time pass."""
        self.now += timedelta(hours=hours)

    def catch_up(self) -> None:
        """Deliver one fact to one handler at a time, in random order, until all had their effect."""
        for _ in range(100):
            waiting = list(Delivery.objects.exclude(status="DONE").values_list("pk", flat=True))
            if not waiting:
                return
            self.chance.shuffle(waiting)
            for key in waiting:
                dispatch.handle([key])
        undone = Delivery.objects.exclude(status="DONE").values_list("handler", "status", "last_error")
        raise AssertionError(list(undone))


def lived(chain: Chain, catch_up: Any) -> dict[str, Any]:
    """Live from the orders to the payments of two dealers, one cycle short and one in full; return the books."""
    before = _ledger()
    first = make.cycle(chain.trade, recurrence={"every": "days", "interval": 2})
    orders = [chain.wants(60), chain.wants(30, dealer=1)]
    placed = chain.closes(first)
    chain.answers(placed, 70)
    chain.sends(placed, 70)
    catch_up()
    chain.receives()
    catch_up()
    chain.packs()
    catch_up()
    chain.departs()
    chain.delivers()
    catch_up()
    for order in orders:
        chain.pays(Invoice.objects.get(dealer_id=order.dealer_id))
    catch_up()
    assert sound()
    return _books(chain, orders, before)


def _books(chain: Chain, orders: list[Any], before: Counter[str]) -> dict[str, Any]:
    positions = [facade.position(dealer_id=order.dealer_id, currency="CNY") for order in orders]
    quants = Quant.objects.filter(product__in=chain.trade.products)
    return {
        "lines": [[getattr(chain.line_of(order), bucket) for bucket in BUCKETS] for order in orders],
        "pegs": sorted(
            Peg.objects.filter(order_line__order__in=orders).values_list("pegged", "allocated", "received")
        ),
        "invoices": [
            Invoice.objects.filter(dealer_id=order.dealer_id).values_list(*AMOUNTS)[0] for order in orders
        ],
        "credit": [(position.used, position.reserved) for position in positions],
        "stock": sorted(quants.values_list("location__kind", "on_hand", "reserved")),
        "ledger": {name: amount - before[name] for name, amount in _ledger().items()},
    }


def _ledger() -> Counter[str]:
    """Return the posted balance of each kind of account, and of the books of money also what was debited.

    How a hold of credit is raised and lowered on its way is free; where it ends is not.
    """
    moved: Counter[str] = Counter()
    posted = JournalLine.objects.filter(entry__is_pending=False)
    for code, amount in posted.values_list("account__code", "amount"):
        kind = code.split("-")[0]
        moved[kind] += amount
        if kind < EXPOSURE and amount > 0:
            moved[f"{kind} debited"] += amount
    return moved


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_facts_in_any_order_lead_to_the_same_books(seed: int) -> None:
    with acting_as(PLATFORM):
        in_order = Chain.of(make.trade())
        expected = lived(in_order, in_order.settled)
        late = Late.of(make.trade())
        late.chance = random.Random(seed)
        assert lived(late, late.catch_up) == expected
