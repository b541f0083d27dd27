"""What accounts came to on any day, as it was known at any moment.

Two dates are asked for: until when lines are effective, and until when they were booked. Sealed lines are summed in
checkpoints, so that a question reads one row for each span and effective day, the lines of the last span, and what is
not sealed yet.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from b2b.db.bulk import fetch, fetch_dicts

# Lines that no checkpoint holds yet.
_UNSEALED: Final = """
    SELECT line.account_id, greatest(line.amount, 0) AS debit, greatest(-line.amount, 0) AS credit
    FROM finance_unsealedposting posting CROSS JOIN unnest(posting.entry_ids) AS entry_id
    JOIN finance_journalentry entry ON entry.id = entry_id AND NOT entry.is_pending
    JOIN finance_journalline line ON line.entry_id = entry.id AND line.booked_at = entry.booked_at
    WHERE line.effective_date <= %(effective)s
"""
_NOW: Final = f"""
    SELECT account_id, debit, credit FROM finance_balancecheckpoint
    WHERE span = 'D' AND effective_date <= %(effective)s {{of_account}}
    UNION ALL {_UNSEALED} {{of_line}}
"""
_BALANCE: Final = (
    "SELECT coalesce(sum(debit), 0)::bigint, coalesce(sum(credit), 0)::bigint FROM ({moved}) moved"
)
_OF_ACCOUNT: Final = {
    "of_account": "AND account_id = %(account)s",
    "of_line": "AND line.account_id = %(account)s",
}
NOW: Final = _BALANCE.format(moved=_NOW.format(**_OF_ACCOUNT))
# Whole days, of the last day whole minutes where they are kept, and the lines since; each a range of one index, which
# a condition with OR is not.
KNOWN: Final = _BALANCE.format(
    moved=f"""
    SELECT debit, credit FROM finance_balancecheckpoint
    WHERE account_id = %(account)s AND span = 'D' AND booked_from < %(day)s AND effective_date <= %(effective)s
    UNION ALL
    SELECT debit, credit FROM finance_balancecheckpoint
    WHERE account_id = %(account)s AND span = 'M' AND booked_from >= %(day)s AND booked_from < %(tail)s
        AND effective_date <= %(effective)s
    UNION ALL
    SELECT greatest(amount, 0), greatest(-amount, 0) FROM finance_journalline
    WHERE account_id = %(account)s AND booked_at >= %(tail)s AND booked_at <= %(booked)s
        AND effective_date <= %(effective)s AND NOT is_pending
    UNION ALL
    SELECT debit, credit FROM ({_UNSEALED} AND line.account_id = %(account)s AND line.booked_at < %(tail)s) unsealed
    """
)
_KNOWN_OF_ALL: Final = f"""
    SELECT account_id, debit, credit FROM finance_balancecheckpoint
    WHERE span = 'D' AND booked_from < %(day)s AND effective_date <= %(effective)s
    UNION ALL
    SELECT account_id, greatest(amount, 0), greatest(-amount, 0) FROM finance_journalline
    WHERE booked_at >= %(day)s AND booked_at <= %(booked)s AND effective_date <= %(effective)s AND NOT is_pending
    UNION ALL {_UNSEALED} AND line.booked_at < %(day)s
"""
_TRIAL: Final = """
    SELECT book.code AS book, account.id AS account_id, account.code, account.name, account.type, account.unit,
        party.code AS party, total.debit, total.credit, total.debit - total.credit AS balance
    FROM (SELECT account_id, sum(debit)::bigint AS debit, sum(credit)::bigint AS credit
        FROM ({moved}) moved GROUP BY account_id) total
    JOIN finance_account account ON account.id = total.account_id
    JOIN finance_book book ON book.id = account.book_id AND (%(book)s::text IS NULL OR book.code = %(book)s)
    LEFT JOIN directory_organization party ON party.id = account.party_id
    ORDER BY book.code, account.code, account.unit, party.code
"""
TRIAL_NOW: Final = _TRIAL.format(moved=_NOW.format(of_account="", of_line=""))
TRIAL_KNOWN: Final = _TRIAL.format(moved=_KNOWN_OF_ALL)
_FIND: Final = """
    SELECT account.id, account.party_id IS NULL FROM finance_account account
    JOIN finance_book book ON book.id = account.book_id
    LEFT JOIN directory_organization party ON party.id = account.party_id
    WHERE book.code = %s AND account.code = %s AND account.unit = %s AND coalesce(party.code, '') = %s
"""


class Balance(NamedTuple):
    """What an account moved by, in minor units of its unit."""

    debit: int
    credit: int

    @property
    def amount(self) -> int:
        """The balance, debit positive."""
        return self.debit - self.credit


def of_account(
    actor: Actor, account_id: int, *, effective: date, booked: datetime | None = None, by_minute: bool = False
) -> Balance:
    """Return what an account came to on a day, as known at `booked` (now when None); one statement.

    `by_minute` is for accounts of no party, whose checkpoints are as fine as that.

    :raises NotFound: for everybody but operators and the platform.
    """
    if not actor.sees_all:
        raise NotFound("there is no such account")
    asked: dict[str, Any] = {"account": account_id, "effective": effective, "booked": booked}
    if booked is not None:
        asked["day"] = _day(booked)
        asked["tail"] = booked.replace(second=0, microsecond=0) if by_minute else asked["day"]
    [row] = fetch(NOW if booked is None else KNOWN, asked)
    return Balance(*row)


def find(
    actor: Actor,
    *,
    book: str,
    code: str,
    unit: str,
    party: str = "",
    effective: date,
    booked: datetime | None = None,
) -> Balance:
    """Return what the account of that name came to, as `of_account` does; two statements.

    :raises NotFound: when there is none, or for everybody but operators and the platform.
    """
    found = fetch(_FIND, [book, code, unit, party]) if actor.sees_all else []
    if not found:
        raise NotFound("there is no such account")
    [(account_id, is_control)] = found
    return of_account(actor, account_id, effective=effective, booked=booked, by_minute=is_control)


def trial(
    actor: Actor, *, effective: date, booked: datetime | None = None, book: str | None = None
) -> list[dict[str, Any]]:
    """Return debit, credit and balance (debit positive, minor units) of each account that ever moved; one statement."""
    if not actor.sees_all:
        return []
    asked: dict[str, Any] = {"effective": effective, "booked": booked, "book": book}
    if booked is not None:
        asked["day"] = _day(booked)
    return fetch_dicts(TRIAL_NOW if booked is None else TRIAL_KNOWN, asked)


def _day(moment: datetime) -> datetime:
    """Return when the day began, in UTC as checkpoints count it."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
