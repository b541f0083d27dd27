"""Import bank statements: all of a file or nothing, and the same file again changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Final

from django.db import models

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid, NotFound
from b2b.db.bulk import execute, fetch, staged
from b2b.db.locks import advisory_lock, lock
from b2b.db.transactions import unit_of_work
from finance.models import BankAccount, BankStatement, StatementLine
from finance.policies import bank_file
from finance.policies.bank_statement import BankLine, Statement
from finance.services import bank_account, case, statement_chain
from finance.services.case import Finding

TOLD: Final = {
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
    "transaction_code": "text",
    "is_return": "boolean",
    "instructed_amount": "numeric",
    "instructed_currency": "text",
    "charges_amount": "numeric",
}
COLUMNS: Final = {"statement": "int", "line_number": "int", "fingerprint": "text", **TOLD}

# A line is known when as many equal ones are kept already by statements that may overlap this one. What was only
# announced becomes this statement's own when it books.
TAKE: Final = """
    WITH given AS (
        SELECT *, row_number() OVER (PARTITION BY fingerprint ORDER BY line_number) AS nth
        FROM {table} WHERE statement = %(ordinal)s),
    equal AS (
        SELECT kept.id, kept.fingerprint, kept.status, kept.occurrence, kept.statement_id
        FROM finance_statementline kept JOIN (SELECT DISTINCT fingerprint FROM given) wanted USING (fingerprint)
        WHERE kept.bank_account_id = %(account)s),
    known AS (
        SELECT id, fingerprint, status,
            row_number() OVER (PARTITION BY fingerprint ORDER BY status = 'HELD', occurrence) AS nth
        FROM equal WHERE NOT statement_id = ANY (%(disjoint)s::bigint[])),
    counted AS (SELECT fingerprint, max(occurrence) AS occurrence FROM equal GROUP BY fingerprint),
    booked AS (
        UPDATE finance_statementline kept
        SET status = CASE WHEN kept.amount = 0 THEN 'SET_ASIDE' ELSE 'OPEN' END, statement_id = %(statement)s,
            line_number = given.line_number
        FROM known JOIN given USING (fingerprint, nth)
        WHERE kept.id = known.id AND known.status = 'HELD' AND %(is_booked)s RETURNING 1),
    added AS (
        INSERT INTO finance_statementline (statement_id, bank_account_id, status, line_number, fingerprint, occurrence,
            {names})
        SELECT %(statement)s, %(account)s,
            CASE WHEN NOT %(is_booked)s THEN 'HELD' WHEN amount = 0 THEN 'SET_ASIDE' ELSE 'OPEN' END, line_number,
            fingerprint,
            coalesce(counted.occurrence, 0) + row_number() OVER (PARTITION BY fingerprint ORDER BY line_number), {names}
        FROM given LEFT JOIN known USING (fingerprint, nth) LEFT JOIN counted USING (fingerprint)
        WHERE known.id IS NULL ORDER BY line_number RETURNING 1)
    SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM booked)
"""


class UnknownBankAccount(Invalid):
    """The statement is of an account that is not ours or not opened here."""

    code = "unknown_bank_account"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one statement of a file.

    Of its `lines` `new_lines` were not known before; `booked_lines` had been announced or held and are booked now.
    """

    statement: BankStatement
    is_new: bool
    lines: int
    new_lines: int
    booked_lines: int = 0


@unit_of_work()
def import_file(
    source: bytes | BinaryIO, *, by: Actor, at: datetime, account_id: int | None = None
) -> list[Imported]:
    """Import every statement of a camt.052, .053, .054, MT940 or MT942 file, or a CSV file of the account given.

    The file is read in pieces and copied to the database as it is read. A statement that does not add up is kept in
    quarantine with a case; a break between a statement and the one before opens a case.

    :raises Forbidden: for anyone but the operator. :raises Invalid: with the reason; nothing is taken then.
    """
    if not by.sees_all:
        raise Forbidden("bank statements are the operator's")
    heads: list[Statement] = []
    layout, owner = bank_account.layout_of(account_id)
    told = bank_file.read(source, layout, owner)
    with staged(COLUMNS, _rows(told, heads), name="bank_lines") as table:
        accounts = _accounts(heads)
        execute(f'CREATE INDEX ON "{table}" (statement)')
        for key in sorted({account.pk for account in accounts}):
            advisory_lock(f"finance.statement:{key}")
        taken = [
            _take(head, account, ordinal, table, by=by, at=at)
            for ordinal, (head, account) in enumerate(zip(heads, accounts, strict=True))
        ]
    _judge([one.statement for one in taken if one.is_new], by=by, at=at)
    return taken


def _rows(told: Iterator[BankLine | Statement], heads: list[Statement]) -> Iterator[tuple[Any, ...]]:
    """Pass the lines on with the number of their statement, and keep the statements."""
    number = 0
    for one in told:
        if isinstance(one, Statement):
            heads.append(one)
            number = 0
            continue
        number += 1
        yield (len(heads), number, one.fingerprint(), *(getattr(one, name) for name in TOLD))


def _accounts(heads: Sequence[Statement]) -> list[BankAccount]:
    """Return our account of each statement.

    :raises UnknownBankAccount: when one is not ours.
    """
    ours = {(one.identifier, one.currency): one for one in BankAccount.objects.all()}
    found = []
    for head in heads:
        names = (head.account, *head.known_as)
        account = next((ours[name, head.currency] for name in names if (name, head.currency) in ours), None)
        if account is None:
            raise UnknownBankAccount(f"{head.account} in {head.currency} is not one of our bank accounts")
        found.append(account)
    return found


def _take(
    head: Statement, account: BankAccount, ordinal: int, table: str, *, by: Actor, at: datetime
) -> Imported:
    digest = head.digest()
    known = BankStatement.objects.filter(bank_account=account, digest=digest).first()
    if known is not None:
        return Imported(known, is_new=False, lines=head.content.lines, new_lines=0)
    saved = BankStatement.objects.create(
        bank_account=account,
        kind=head.kind.value,
        format=head.format,
        statement_id=head.statement_id[:70],
        message_id=head.message_id[:70],
        digest=digest,
        opening_amount=head.opening,
        closing_amount=head.closing,
        problem=head.problem(),
        first_date=head.first_date,
        last_date=head.last_date,
        line_count=head.content.lines,
        imported_by=str(by)[:150],
        imported_at=at,
    )
    [(new, booked)] = fetch(
        TAKE.format(table=f'"{table}"', names=", ".join(TOLD)),
        {
            "ordinal": ordinal,
            "statement": saved.pk,
            "account": account.pk,
            "is_booked": saved.is_booked,
            "disjoint": statement_chain.disjoint(saved),
        },
    )
    return Imported(saved, is_new=True, lines=head.content.lines, new_lines=new, booked_lines=booked)


def _judge(new: Sequence[BankStatement], *, by: Actor, at: datetime) -> None:
    """Open a case for each statement in quarantine, and open or close those of broken chains."""
    findings = [
        Finding(
            kind="STATEMENT_QUARANTINED",
            key=quarantine_key(one.pk),
            reason=one.problem,
            reference=one.statement_id,
            currency=one.bank_account.currency,
            amount=one.closing_amount,
        )
        for one in new
        if one.problem
    ]
    case.open_all(findings, by=by, at=at)
    statement_chain.judge(new, by=by, at=at)


def quarantine_key(statement_id: int) -> str:
    """Return the key of the case of a statement in quarantine."""
    return f"quarantine:{statement_id}"


@unit_of_work()
def release(statement_id: int, *, reason: str, by: Actor, at: datetime) -> int:
    """Let the held lines of a statement be matched after all; return how many there were.

    :raises Forbidden: for anyone but the operator. :raises Invalid: without a reason. :raises NotFound: when there is
        no such statement.
    """
    if not by.sees_all:
        raise Forbidden("bank statements are the operator's")
    if not reason.strip():
        raise Invalid("say why the lines may be booked")
    found = BankStatement.objects.filter(pk=statement_id).first()
    if found is None:
        raise NotFound("there is no such statement")
    advisory_lock(f"finance.statement:{found.bank_account_id}")
    held = lock(StatementLine.objects.filter(statement=found, status="HELD"))
    # What moved nothing waits for nobody, as with a statement that proves itself.
    StatementLine.objects.filter(pk__in=[line.pk for line in held]).update(
        status=models.Case(
            models.When(amount=0, then=models.Value("SET_ASIDE")), default=models.Value("OPEN")
        )
    )
    case.close([quarantine_key(found.pk)], resolution=reason, by=by, at=at)
    return len(held)
