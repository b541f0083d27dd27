"""What stands on accounts that should come to nothing: how much, since when, and because of what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.db.bulk import fetch
from finance.policies.chart import (
    ADVANCES,
    FREIGHT_ACCRUED,
    GOODS_RECEIVED,
    IN_TRANSIT,
    SUSPENSE,
    TRADING,
)

CLEARING: Final = (SUSPENSE, TRADING, IN_TRANSIT, GOODS_RECEIVED, FREIGHT_ACCRUED, ADVANCES)
BANDS: Final = ((30, "0-30"), (60, "31-60"), (90, "61-90"))

# An item is what one fact put on an account; what was cleared comes to zero and is not shown.
ITEMS: Final = """
    SELECT account.code, account.name, account.unit, coalesce(party.name, ''), line.dimension, sum(line.amount),
        min(entry.effective_date), (array_agg(entry.kind ORDER BY entry.effective_date, entry.id))[1],
        (array_agg(entry.description ORDER BY entry.effective_date, entry.id))[1]
    FROM finance_journalline line
    JOIN finance_account account ON account.id = line.account_id AND account.code = ANY (%(codes)s)
    JOIN finance_journalentry entry ON entry.id = line.entry_id AND NOT entry.is_pending
    LEFT JOIN directory_organization party ON party.id = account.party_id
    WHERE entry.effective_date <= %(on)s
    GROUP BY account.id, party.name, line.dimension HAVING sum(line.amount) <> 0
    ORDER BY min(entry.effective_date), account.code, line.dimension
"""


@dataclass(frozen=True, slots=True)
class Item:
    """An amount that waits to be cleared; debit positive."""

    code: str
    name: str
    currency: str
    party: str
    about: str
    amount: Decimal
    since: date
    cause: str
    age_days: int

    @property
    def band(self) -> str:
        """The band of age it falls into."""
        return next((name for most, name in BANDS if self.age_days <= most), "over 90")


def items(actor: Actor, on: date, codes: tuple[str, ...] = CLEARING) -> list[Item]:
    """Return what is not cleared on a day, the oldest first; one statement, nothing for anyone but the operator."""
    if not actor.sees_all:
        return []
    return [
        Item(
            code, name, unit, party, about, Money.from_minor(int(minor), unit).amount, since,
            f"{kind} {text}".replace("_", " ").strip(), (on - since).days,
        )
        for code, name, unit, party, about, minor, since, kind, text in fetch(ITEMS, {"codes": list(codes), "on": on})
    ]  # fmt: skip


@dataclass(slots=True)
class Sum:
    """What one account comes to in one band of age."""

    code: str
    name: str
    currency: str
    band: str
    count: int = 0
    amount: Decimal = Decimal(0)


def by_age(found: Sequence[Item]) -> list[Sum]:
    """Return the sums by account, currency and band, the oldest first within an account."""
    sums: dict[tuple[str, str, str], Sum] = {}
    for one in found:
        key = (one.code, one.currency, one.band)
        total = sums.setdefault(key, Sum(one.code, one.name, one.currency, one.band))
        total.count += 1
        total.amount += one.amount
    return sorted(sums.values(), key=lambda one: (one.code, one.currency))
