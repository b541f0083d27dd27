"""The routes of what foreign currencies are worth, and of debit notes that are taken back, in the tenancy matrix."""

from __future__ import annotations

from decimal import Decimal

from b2b.core.actor import OPERATOR, acting_as
from b2b.core.ids import uuid7
from b2b.db.transactions import unit_of_work
from finance.policies.chart import MAIN, SUSPENSE
from finance.policies.entry import Entry
from finance.policies.entry import Line as Leg
from finance.policies.exchange import Rate
from finance.services import chart, exchange_rate, exchange_valuation, ledger
from finance.services.chart import Wanted
from tests.factories.finance import NOON, PLATFORM, our_bank_account
from tests.house.tenancy_line import Case, Line, World

BOTH = frozenset({"owner", "rival"})


def _valued(world: World) -> Case:
    """Have money in a foreign currency, valued at a rate of its own."""
    with acting_as(PLATFORM):
        ours = our_bank_account("CN-EUR-0001", "EUR")
        rate = Rate(NOON.date(), "EUR", "CNY", Decimal("7.8123"))
        exchange_rate.keep([rate], source="the matrix", by=PLATFORM, at=NOON)
        with unit_of_work():
            suspense = chart.accounts([Wanted(SUSPENSE, "EUR")])[Wanted(SUSPENSE, "EUR")]
            moved = Entry(
                id=uuid7(), book_id=chart.books()[MAIN], kind="test", effective_date=NOON.date(), booked_at=NOON,
                lines=(Leg(ours.account_id, 100), Leg(suspense, -100)),
            )  # fmt: skip
            ledger.post([moved], by=PLATFORM)
        exchange_valuation.value(NOON.date(), by=PLATFORM, at=NOON)
    return Case(marker="7.8123000000")


LINES: dict[str, Line] = {
    "exchange-valuations/": Line(
        _valued, owner=OPERATOR, sees=BOTH, changes=BOTH, body=lambda world: {"day": "1999-01-01"}
    ),
}
