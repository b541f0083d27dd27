"""A market's stock is worth what was taken in, less what was sold, lost or sent back: to the cent."""

from __future__ import annotations

from collections import Counter
from datetime import date

from b2b.core.actor import acting_as, system
from b2b.db import invariants
from b2b.db.reconcilers import RECONCILERS
from b2b.market import play
from finance.models import GoodsAccrual, JournalLine, StockMovement, StockValue
from tests.factories import orders as make
from tests.flows.chain import PLATFORM, Chain
from warehousing.models import MovementKind, StockLedgerEntry
from warehousing.services import correction, count, receipt
from warehousing.services.cycle_count import Found


def balances() -> Counter[str]:
    """Return the balances of the main book by code of the account, minor units."""
    found: Counter[str] = Counter()
    for code, amount in JournalLine.objects.filter(account__book__code="MAIN").values_list(
        "account__code", "amount"
    ):
        found[code] += amount
    return found


def test_a_market_ends_with_every_movement_valued_and_every_cent_explained(committed_db: str) -> None:
    result = play.market(days=12, dealers=4, seed=7, first_day=date(2026, 3, 2))
    assert result.counts["deliveries"] > 0
    with acting_as(system("test")):
        kinds = set(StockMovement.objects.values_list("kind", flat=True))
        assert {"RECEIPT", "ISSUE"} <= kinds
        books = balances()
        assert books["1300"] == sum(StockValue.objects.values_list("value", flat=True)) > 0
        assert books["5000"] > 0
        taken_in = 100 * sum(GoodsAccrual.objects.values_list("amount", flat=True))
        assert sum(books[code] for code in ("1300", "2160", "5000", "5300", "5310", "5320")) == taken_in
        assert invariants.check() == []
        assert not [one for compare in RECONCILERS.values() for one in compare().differences]


def test_goods_from_the_factory_to_the_dealer_and_a_receipt_corrected_afterwards(db: None) -> None:
    chain = Chain.of(make.trade(breaks=((1, "3.333333"),), dealers=1))
    with acting_as(PLATFORM):
        cycle = make.cycle(chain.trade)
        chain.wants(60)
        placed = chain.closes(cycle)
        chain.answers(placed)
        chain.sends(placed, 60)
        chain.receives([receipt.Count(1, 57, 3)])  # three are rejected: nobody owes them
        books = balances()
        assert (books["1300"], books["2100"]) == (19_000, -19_000)
        chain.packs()
        chain.departs()
        chain.delivers()
        books = balances()
        assert (books["1300"], books["5000"]) == (0, 19_000)
        [house] = StockLedgerEntry.objects.filter(kind="RECEIPT", quantity__gt=0, status="AVAILABLE")
        found = Found(house.location_id, house.product_id, 2, lot_id=house.lot_id)
        count.adjust(found, reason="found behind the rack", by=PLATFORM, at=chain.now)
        chain.settled()
        books = balances()
        assert (books["1300"], books["5300"]) == (667, -667), "found goods are worth what the last ones were"
        [counted] = StockLedgerEntry.objects.filter(kind=MovementKind.COUNT, quantity__gt=0)
        correction.reverse([counted.movement], reason="they were the neighbour's", by=PLATFORM, at=chain.now)
        chain.settled()
        books = balances()
        assert (books["1300"], books["5300"]) == (0, 0)
        assert sum(books.values()) == 0
        assert invariants.check() == []
