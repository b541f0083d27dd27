"""What accounts in foreign currencies moved by, and what they were last valued at."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from django.db.models import Max, QuerySet

from b2b.core.actor import Actor
from b2b.db.bulk import fetch
from finance.models import ExchangeValuation
from finance.policies.chart import BANK, MAIN, MONETARY

# Sealed lines are summed by effective day in checkpoints; what is not sealed yet comes on top.
MOVED: Final = """
    WITH foreign_accounts AS (
        SELECT account.id, account.unit FROM finance_account account
        JOIN finance_book book ON book.id = account.book_id AND book.code = %(book)s
        WHERE account.unit <> %(base)s AND (account.code = ANY(%(codes)s) OR starts_with(account.code, %(bank)s))
    ), moved AS (
        SELECT point.account_id, point.effective_date, point.debit - point.credit AS amount
        FROM finance_balancecheckpoint point JOIN foreign_accounts account ON account.id = point.account_id
        WHERE point.span = 'D' AND point.effective_date <= %(day)s
        UNION ALL
        SELECT line.account_id, line.effective_date, line.amount
        FROM finance_unsealedposting posting CROSS JOIN unnest(posting.entry_ids) AS entry_id
        JOIN finance_journalentry entry ON entry.id = entry_id AND NOT entry.is_pending
        JOIN finance_journalline line ON line.entry_id = entry.id AND line.booked_at = entry.booked_at
        JOIN foreign_accounts account ON account.id = line.account_id
        WHERE line.effective_date <= %(day)s
    )
    SELECT moved.account_id, account.unit, moved.effective_date, sum(moved.amount)::bigint
    FROM moved JOIN foreign_accounts account ON account.id = moved.account_id
    GROUP BY 1, 2, 3 HAVING sum(moved.amount) <> 0 ORDER BY 1, 3
"""


class Moved(NamedTuple):
    """What an account moved by on a day, in minor units of its unit."""

    account_id: int
    unit: str
    day: date
    amount: int


def moved(base: str, day: date) -> list[Moved]:
    """Return the movements of monetary accounts in other currencies than `base` until a day; one statement."""
    asked = {"book": MAIN, "base": base, "codes": list(MONETARY), "bank": BANK, "day": day}
    return [Moved(*row) for row in fetch(MOVED, asked)]


def latest() -> dict[int, ExchangeValuation]:
    """Return the valuation that counts of each account; one statement."""
    found = ExchangeValuation.objects.order_by("account_id", "-pk").distinct("account_id")
    return {one.account_id: one for one in found}


def newest() -> date | None:
    """Return the last day that was valued; one statement."""
    found: date | None = ExchangeValuation.objects.aggregate(newest=Max("day"))["newest"]
    return found


def told(actor: Actor) -> QuerySet[ExchangeValuation]:
    """Return the valuations, the newest first; the operator's alone."""
    return ExchangeValuation.objects.visible_to(actor).select_related("account__party").order_by("-pk")
