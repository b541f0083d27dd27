"""How the statements of an account hang together: which may overlap, and where one is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from b2b.core.actor import Actor
from b2b.db.bulk import fetch
from finance.models import BankStatement
from finance.policies.bank_statement import Kind
from finance.services import case
from finance.services.case import Finding

# A statement is joined when one that ends before it, or covers its first day from earlier on, closes where it opens.
# One that begins inside another cannot tell. The first of an account has nothing to be joined to.
BROKEN: Final = """
    WITH proven AS (
        SELECT * FROM finance_bankstatement
        WHERE bank_account_id = %(account)s AND kind = 'STATEMENT' AND problem = '' AND opening_amount IS NOT NULL)
    SELECT later.id, later.statement_id, before.statement_id, later.opening_amount - before.closing_amount
    FROM proven later
    CROSS JOIN LATERAL (
        SELECT * FROM proven earlier WHERE earlier.last_date < later.first_date
        ORDER BY earlier.last_date DESC, earlier.first_date DESC, earlier.id DESC LIMIT 1) before
    WHERE later.last_date >= %(since)s
        AND NOT EXISTS (
            SELECT 1 FROM proven other WHERE other.id <> later.id AND other.first_date <= later.first_date
                AND other.last_date >= before.last_date AND other.closing_amount = later.opening_amount
                AND (other.last_date = before.last_date OR other.last_date >= later.first_date))
        AND NOT EXISTS (
            SELECT 1 FROM proven around
            WHERE around.first_date < later.first_date AND around.last_date >= later.first_date)
    ORDER BY later.id
"""


def disjoint(new: BankStatement) -> list[int]:
    """Return the statements of the same days whose lines cannot be this one's: the balances show where each begins.

    Of two statements that may overlap, equal lines are taken for the same; of two that follow each other on one day
    they are two.
    """
    if not new.is_booked or new.opening_amount is None:
        return []
    others = BankStatement.objects.filter(
        bank_account_id=new.bank_account_id,
        kind=Kind.STATEMENT.value,
        problem="",
        opening_amount__isnull=False,
        first_date__lte=new.last_date,
        last_date__gte=new.first_date,
    ).exclude(pk=new.pk)
    return [other.pk for other in others if _follow(other, new) or _follow(new, other) or _apart(other, new)]


def _follow(first: BankStatement, second: BankStatement) -> bool:
    """Tell whether the second begins where the first ends, on one day, and the first moved something."""
    return (
        first.last_date == second.first_date
        and first.closing_amount == second.opening_amount
        and first.opening_amount != first.closing_amount
        and first.opening_amount != second.opening_amount
    )


def _apart(one: BankStatement, other: BankStatement) -> bool:
    """Tell whether both are of one single day and begin at different balances: parts of the day, not the day again."""
    days: set[date] = {one.first_date, one.last_date, other.first_date, other.last_date}
    return len(days) == 1 and one.opening_amount != other.opening_amount


def judge(new: Sequence[BankStatement], *, by: Actor, at: datetime) -> None:
    """Open a case where a statement does not begin where the one before it ended; close those that are mended."""
    accounts: dict[int, list[BankStatement]] = {}
    for one in new:
        accounts.setdefault(one.bank_account_id, []).append(one)
    for account_id, statements in accounts.items():
        _judge_account(account_id, statements, by=by, at=at)


def _judge_account(account_id: int, new: Sequence[BankStatement], *, by: Actor, at: datetime) -> None:
    currency = new[0].bank_account.currency
    since = min(one.first_date for one in new)
    rows = fetch(BROKEN, {"account": account_id, "since": since})
    broken = {
        _key(account_id, key): Finding(
            kind="STATEMENT_GAP",
            key=_key(account_id, key),
            reason=f"{name} opens {off} off the closing balance of {before}",
            reference=name,
            currency=currency,
            amount=off,
        )
        for key, name, before, off in rows
    }
    case.open_all(list(broken.values()), by=by, at=at)
    judged = BankStatement.objects.filter(bank_account_id=account_id, last_date__gte=since)
    whole = [_key(account_id, key) for key in judged.values_list("pk", flat=True)]
    reason = "the statement before it has come"
    case.close([key for key in whole if key not in broken], resolution=reason, by=by, at=at)


def _key(account_id: int, statement_id: int) -> str:
    return f"statement_gap:{account_id}:{statement_id}"
