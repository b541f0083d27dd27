"""Import bank statements: all of a file or nothing, and the same file again changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid
from b2b.db.bulk import fetch_value, staged
from b2b.db.locks import advisory_lock
from b2b.db.transactions import unit_of_work
from finance.models import BankAccount, BankStatement, StatementLine
from finance.policies import camt053
from finance.policies.camt053 import Statement
from finance.services import case
from finance.services.case import Finding

COLUMNS: Final = {
    "fingerprint": "text",
    "occurrence": "int",
    "line_number": "int",
    "booking_date": "date",
    "value_date": "date",
    "currency": "text",
    "amount": "numeric",
    "end_to_end_id": "text",
    "bank_reference": "text",
    "structured_reference": "text",
    "remittance_text": "text",
    "counterparty_name": "text",
    "counterparty_identifier": "text",
}


class UnknownBankAccount(Invalid):
    """The statement is of an account that is not ours or not opened here."""

    code = "unknown_bank_account"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one statement of a file; `new_lines` of `lines` were not known before."""

    statement: BankStatement
    is_new: bool
    lines: int
    new_lines: int


@unit_of_work()
def import_camt053(source: bytes, *, by: Actor, at: datetime) -> list[Imported]:
    """Import every statement of a camt.053 file.

    A break between a statement's opening and the previous closing balance opens a case.

    :raises Forbidden: for anyone but the operator. :raises Invalid: with the reason; nothing is taken then.
    """
    if not by.sees_all:
        raise Forbidden("bank statements are the operator's")
    statements = camt053.read(source)
    accounts = {(one.identifier, one.currency): one for one in BankAccount.objects.all()}
    for one in statements:
        if (one.account, one.currency) not in accounts:
            raise UnknownBankAccount(f"{one.account} in {one.currency} is not one of our bank accounts")
    return [_import(one, accounts[one.account, one.currency], by=by, at=at) for one in statements]


def _import(read: Statement, account: BankAccount, *, by: Actor, at: datetime) -> Imported:
    advisory_lock(f"finance.statement:{account.pk}")
    known = BankStatement.objects.filter(bank_account=account, digest=read.digest()).first()
    if known is not None:
        return Imported(known, is_new=False, lines=len(read.lines), new_lines=0)
    latest = BankStatement.objects.filter(bank_account=account).order_by("-last_date", "-pk").first()
    saved = BankStatement.objects.create(
        bank_account=account,
        statement_id=read.statement_id[:70],
        message_id=read.message_id[:70],
        digest=read.digest(),
        opening_amount=read.opening,
        closing_amount=read.closing,
        first_date=read.first_date,
        last_date=read.last_date,
        line_count=len(read.lines),
        imported_by=str(by)[:150],
        imported_at=at,
    )
    new = _write_lines(read, saved, after=_known_before(read, account, latest))
    case.open_all(_gap(read, saved, latest), by=by, at=at)
    return Imported(saved, is_new=True, lines=len(read.lines), new_lines=new)


def _known_before(read: Statement, account: BankAccount, latest: BankStatement | None) -> dict[str, int]:
    """Return how often each line was seen before, when the statement plainly continues the last one.

    Its lines are then new even where they equal old ones. Of a statement that may overlap, equal lines are taken
    for the same.
    """
    continues = (
        latest is not None
        and read.opening == latest.closing_amount
        and (
            read.first_date > latest.last_date
            or (read.first_date == latest.last_date and latest.opening_amount != latest.closing_amount)
        )
    )
    if not continues:
        return {}
    prints = {line.fingerprint() for line in read.lines}
    seen = StatementLine.objects.filter(bank_account=account, fingerprint__in=prints)
    return Counter(seen.values_list("fingerprint", flat=True))


def _write_lines(read: Statement, saved: BankStatement, *, after: dict[str, int]) -> int:
    counted: Counter[str] = Counter(after)
    rows = []
    for number, line in enumerate(read.lines, 1):
        fingerprint = line.fingerprint()
        counted[fingerprint] += 1
        values = [getattr(line, name) for name in list(COLUMNS)[3:]]
        rows.append((fingerprint, counted[fingerprint], number, *values))
    names = ", ".join(COLUMNS)
    with staged(COLUMNS, rows, name="bank_lines") as table:
        return int(
            fetch_value(
                f"""
                WITH added AS (
                    INSERT INTO finance_statementline (statement_id, bank_account_id, status, {names})
                    SELECT %s, %s, 'OPEN', {names} FROM {table} ORDER BY line_number
                    ON CONFLICT (bank_account_id, fingerprint, occurrence) DO NOTHING RETURNING 1)
                SELECT count(*) FROM added
                """,
                [saved.pk, saved.bank_account_id],
            )
        )


def _gap(read: Statement, saved: BankStatement, latest: BankStatement | None) -> Sequence[Finding]:
    """Say when a later statement does not begin where the last one ended; an overlapping one cannot tell."""
    if latest is None or read.opening == latest.closing_amount or read.first_date <= latest.last_date:
        return []
    off: Decimal = read.opening - latest.closing_amount
    return [
        Finding(
            kind="STATEMENT_GAP",
            key=f"statement_gap:{saved.bank_account_id}:{saved.digest}",
            reason=f"{saved.statement_id} opens {off} off the closing balance of {latest.statement_id}",
            reference=saved.statement_id,
            currency=read.currency,
            amount=off,
        )
    ]
