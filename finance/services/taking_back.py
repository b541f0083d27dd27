"""Take payments back: undone by a person, or returned by the bank. What they settled is open again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db.models import Sum

from b2b.contracts.finance import PaymentTakenBack
from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.locks import advisory_lock, lock, lock_one
from b2b.db.models import record
from b2b.db.transactions import require_transaction, unit_of_work
from b2b.outbox.publish import publish
from finance.models import Allocation, Invoice, Match, Payment, ReconciliationRun, StatementLine
from finance.policies.entry import entry_id
from finance.services import ledger, match_record
from finance.services.ledger import Undoing
from finance.states import INVOICE, PAYMENT, STATEMENT_LINE

# A return says by one of the payment's own identifiers which payment comes back.
ORIGINALS = """
    SELECT given.id, original.id FROM finance_statementline given
    JOIN finance_statementline original ON original.bank_account_id = given.bank_account_id
        AND original.currency = given.currency AND original.amount = -given.amount
        AND original.booking_date <= given.booking_date
        AND original.status IN ('OPEN', 'PROPOSED', 'IN_CASE', 'MATCHED')
        AND ((original.end_to_end_id <> '' AND original.end_to_end_id <> 'NOTPROVIDED'
              AND original.end_to_end_id = given.end_to_end_id)
            OR (original.structured_reference <> '' AND original.structured_reference = given.structured_reference))
    LEFT JOIN finance_payment payment ON payment.statement_line_id = original.id
        AND payment.status IN ('RECEIVED', 'ALLOCATED')
    WHERE given.id = ANY (%(given)s) AND (original.status <> 'MATCHED' OR payment.id IS NOT NULL)
"""


RETURNED: Final = "the bank returned it"


@dataclass(frozen=True, slots=True)
class Back:
    """A payment that is taken back on a day, and why."""

    payment: Payment
    on: date
    reason: str


@unit_of_work()
def undo(payment_id: UUID, *, reason: str, by: Actor, at: datetime) -> Payment:
    """Undo what a bank line settled: the line and the invoices are open again, and nothing is deleted.

    :raises Forbidden: for anyone but the operator. :raises Invalid: without a reason.
    :raises IllegalTransition: when it was taken back before.
    """
    if not by.sees_all:
        raise Forbidden("payments are the operator's to undo")
    if not reason.strip():
        raise Invalid("say why the payment is undone")
    advisory_lock("finance.reconciliation")
    payment = lock_one(Payment.objects.filter(pk=payment_id))
    line = lock_one(StatementLine.objects.filter(payments=payment))
    status = STATEMENT_LINE.next(line.status, "undo")
    _take_back([Back(payment, at.date(), reason)], "cancel", reason, by=by, at=at)
    StatementLine.objects.filter(pk=line.pk).update(status=status)
    Match.objects.filter(members__line=line, status="ACCEPTED").update(status="UNDONE")
    return payment


def returned(debits: Sequence[StatementLine], run: ReconciliationRun, *, by: Actor, at: datetime) -> set[int]:
    """Take back the payments that the bank returned; return the lines that are settled by that.

    The caller holds the locks of the debits. As many statements whatever the number of lines.
    """
    require_transaction()
    coming_back = {line.pk: line for line in debits if line.is_return}
    if not coming_back:
        return set()
    found: dict[int, list[int]] = {}
    for given, original in fetch(ORIGINALS, {"given": list(coming_back)}):
        found.setdefault(given, []).append(original)
    known = {given: originals[0] for given, originals in found.items() if len(originals) == 1}
    times = Counter(known.values())
    known = {given: one for given, one in known.items() if times[one] == 1}
    originals = {line.pk: line for line in lock(StatementLine.objects.filter(pk__in=known.values()))}
    payments = {
        payment.statement_line_id: payment
        for payment in lock(
            Payment.objects.filter(statement_line_id__in=originals, status__in=("RECEIVED", "ALLOCATED"))
        )
    }
    pairs = [
        (first, coming_back[given], f"the bank returned what it booked on {first.booking_date}")
        for given, first in ((given, originals[original]) for given, original in known.items())
    ]
    backs = [
        Back(payments[first.pk], line.value_date, why) for first, line, why in pairs if first.pk in payments
    ]
    gone = {*known, *known.values()}
    if backs:
        _take_back(backs, "give_back", RETURNED, by=by, at=at)
    match_record.pair_all([((first, line), why) for first, line, why in pairs], run)
    match_record.close_proposals(list(known.values()), "REJECTED", by=by)
    match_record.close_cases(sorted(gone), RETURNED, by=by, at=at)
    StatementLine.objects.filter(pk__in=gone).update(status="MATCHED")
    return gone


def _take_back(backs: Sequence[Back], verb: str, reason: str, *, by: Actor, at: datetime) -> None:
    """Turn round the entries and allocations of payments and open their invoices again.

    As many statements whatever the number of payments; `reason` stands in the history of all of them.
    """
    payments = [back.payment for back in backs]
    parts = list(
        Allocation.objects.filter(payment__in=payments, reverses=None, reversed_by=None).select_related(
            "invoice"
        )
    )
    invoices = {
        one.pk: one for one in lock(Invoice.objects.filter(pk__in={part.invoice_id for part in parts}))
    }
    repaid = {(part.payment_id, part.dealer_id, part.invoice.currency) for part in parts}
    entries = [(back.payment.pk, back.payment.entry_id) for back in backs] + [
        (payment_id, entry_id("credit_repaid", "payment", f"{payment_id}:{dealer}:{unit}"))
        for payment_id, dealer, unit in sorted(repaid)
    ]
    why = {back.payment.pk: back for back in backs}
    ledger.reverse_all(
        [Undoing(key, why[payment_id].on, why[payment_id].reason) for payment_id, key in entries],
        by=by,
        at=at,
    )
    Allocation.objects.bulk_create(_twin(part, at) for part in parts)
    _raise(invoices, parts, by=by, at=at, reason=reason)
    moves = []
    for payment in payments:
        before, payment.status = payment.status, PAYMENT.next(payment.status, verb)
        payment.open_amount, payment.version, payment.updated_at = payment.amount, payment.version + 1, at
        moves.append((payment, verb, before, payment.status))
    Payment.objects.bulk_update(payments, ["status", "open_amount", "version", "updated_at"])
    record(moves, by=by, at=at, reason=reason)
    settled: dict[UUID, list[UUID]] = {back.payment.pk: [] for back in backs}
    for part in parts:
        settled[part.payment_id].append(part.invoice_id)
    publish(*(_told(back, settled[back.payment.pk], at=at) for back in backs))


def _twin(part: Allocation, at: datetime) -> Allocation:
    return Allocation(
        payment_id=part.payment_id,
        invoice_id=part.invoice_id,
        dealer_id=part.dealer_id,
        amount=-part.amount,
        paid_amount=-part.paid_amount,
        discount_amount=-part.discount_amount,
        write_off_amount=-part.write_off_amount,
        fee_amount=-part.fee_amount,
        exchange_amount=-part.exchange_amount,
        at=at,
        reverses=part,
    )


COLUMNS = {"id": "uuid", "open_amount": "numeric", "status": "text"}


def _raise(
    invoices: dict[UUID, Invoice], parts: Sequence[Allocation], *, by: Actor, at: datetime, reason: str
) -> None:
    still = dict(
        Allocation.objects.filter(invoice_id__in=invoices).values_list("invoice_id").annotate(Sum("amount"))
    )
    given: dict[UUID, Decimal] = {}
    for part in parts:
        given[part.invoice_id] = given.get(part.invoice_id, Decimal(0)) + part.amount
    rows, moves = [], []
    for key, amount in given.items():
        invoice = invoices[key]
        verb = "reopen_partly" if still.get(key) else "reopen"
        before, invoice.status = invoice.status, INVOICE.next(invoice.status, verb)
        rows.append((key, invoice.open_amount + amount, invoice.status))
        moves.append((invoice, verb, before, invoice.status))
    execute(
        f"""
        UPDATE finance_invoice kept SET open_amount = given.open_amount, status = given.status,
            version = kept.version + 1, updated_at = %(at)s
        FROM {unnest(COLUMNS)} WHERE kept.id = given.id
        """,
        {**transpose(list(COLUMNS), rows), "at": at},
    )
    record(moves, by=by, at=at, reason=reason)


def _told(back: Back, invoice_ids: Sequence[UUID], *, at: datetime) -> PaymentTakenBack:
    payment = back.payment
    return PaymentTakenBack(
        occurred_at=at,
        payment_id=payment.pk,
        dealer_id=payment.dealer_id,
        currency=payment.currency,
        amount=payment.amount,
        reason=back.reason,
        invoice_ids=tuple(invoice_ids),
    )
