"""Turn bank lines into payments that settle invoices: one batch, whatever the number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from b2b.contracts.finance import PaymentReceived, SettledInvoice
from b2b.core.actor import Actor
from b2b.core.errors import Invalid
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.db import sequences
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.models import record
from b2b.db.transactions import require_transaction
from b2b.outbox.publish import publish
from finance.models import Allocation, BankAccount, Invoice, Payment, StatementLine
from finance.policies.chart import ADVANCES, MAIN, RECEIVABLES
from finance.policies.entry import Entry, Line, entry_id
from finance.services import chart, exposure, ledger, numbering
from finance.services.chart import Wanted
from finance.services.exposure import Settled
from finance.states import INVOICE, STATEMENT_LINE


class OverAllocated(Invalid):
    """More would be allocated than was paid or than is open."""

    code = "over_allocated"


@dataclass(frozen=True, slots=True)
class Plan:
    """One bank line as a dealer's payment; `parts` are (invoice, amount), what they leave is an advance."""

    line: StatementLine
    dealer_id: int
    parts: tuple[tuple[Invoice, Decimal], ...]

    @property
    def left(self) -> Decimal:
        """What no invoice takes."""
        total: Decimal = self.line.amount
        return total - sum((amount for _, amount in self.parts), Decimal(0))


def settle(plans: Sequence[Plan], *, by: Actor, at: datetime) -> list[Payment]:
    """Write payments, allocations and entries, lower what is open, give credit back and tell; all lines or none.

    The caller holds the locks of the lines and the invoices.

    :raises OverAllocated: when a line or an invoice does not hold that much.
    :raises IllegalTransition: when a line is matched already.
    """
    require_transaction()
    if not plans:
        return []
    paid = _check(plans)
    issuer = chart.seller()
    drafts = [(plan, uuid7()) for plan in plans]
    ledger.post([*_entries(drafts, at=at), *_repaid(drafts, at=at)], by=by)
    values = numbering.take("payment", issuer, [plan.dealer_id for plan in plans])
    payments = Payment.objects.bulk_create(
        Payment(
            id=key,
            number=sequences.number("PAY", issuer.code.upper(), value),
            dealer_id=plan.dealer_id,
            statement_line=plan.line,
            status="RECEIVED" if plan.left else "ALLOCATED",
            currency=plan.line.currency,
            amount=plan.line.amount,
            open_amount=plan.left,
            value_date=plan.line.value_date,
            remittance_text=plan.line.remittance_text,
            entry_id=entry_id("payment", plan.line.pk),
            created_at=at,
            updated_at=at,
        )
        for (plan, key), value in zip(drafts, values, strict=True)
    )
    Allocation.objects.bulk_create(
        Allocation(payment_id=key, invoice=invoice, dealer_id=invoice.dealer_id, amount=amount, at=at)
        for plan, key in drafts
        for invoice, amount in plan.parts
    )
    _lower(paid, by=by, at=at)
    StatementLine.objects.filter(pk__in=[plan.line.pk for plan in plans]).update(status="MATCHED")
    record(((payment, "receive", "", payment.status) for payment in payments), by=by, at=at)
    publish(*(_told(plan, payment, at=at) for plan, payment in zip(plans, payments, strict=True)))
    return payments


def _check(plans: Sequence[Plan]) -> dict[UUID, tuple[Invoice, Decimal]]:
    """Return what each invoice is paid in all."""
    paid: dict[UUID, tuple[Invoice, Decimal]] = {}
    for plan in plans:
        STATEMENT_LINE.next(plan.line.status, "match")
        if plan.left < 0 or any(amount <= 0 for _, amount in plan.parts):
            raise OverAllocated(f"the line holds {plan.line.amount} {plan.line.currency}")
        for invoice, amount in plan.parts:
            if invoice.currency != plan.line.currency:
                raise OverAllocated(f"{invoice.number} is in {invoice.currency}")
            before = paid.get(invoice.pk, (invoice, Decimal(0)))[1]
            paid[invoice.pk] = (invoice, before + amount)
    for invoice, amount in paid.values():
        if amount > invoice.open_amount:
            raise OverAllocated(f"{invoice.number} has only {invoice.open_amount} {invoice.currency} open")
    return paid


def _entries(drafts: Sequence[tuple[Plan, UUID]], *, at: datetime) -> list[Entry]:
    banks = BankAccount.objects.in_bulk({plan.line.bank_account_id for plan, _ in drafts})
    wanted = {
        Wanted(code, plan.line.currency, party)
        for plan, _ in drafts
        for code, party in [
            (ADVANCES, plan.dealer_id),
            *((RECEIVABLES, invoice.dealer_id) for invoice, _ in plan.parts),
        ]
    }
    keys = chart.accounts(wanted)
    book = chart.books()[MAIN]
    entries = []
    for plan, key in drafts:
        currency = plan.line.currency
        lines = [Line(banks[plan.line.bank_account_id].account_id, Money(plan.line.amount, currency).minor)]
        lines += [
            Line(
                keys[Wanted(RECEIVABLES, currency, invoice.dealer_id)],
                -Money(amount, currency).minor,
                f"invoice:{invoice.number}",
            )
            for invoice, amount in plan.parts
        ]
        if plan.left:
            account = keys[Wanted(ADVANCES, currency, plan.dealer_id)]
            lines.append(Line(account, -Money(plan.left, currency).minor))
        entries.append(
            Entry(
                id=entry_id("payment", plan.line.pk),
                book_id=book,
                kind="payment",
                effective_date=plan.line.value_date,
                booked_at=at,
                lines=tuple(lines),
                source_type="payment",
                source_id=str(key),
            )
        )
    return entries


def _repaid(drafts: Sequence[tuple[Plan, UUID]], *, at: datetime) -> list[Entry]:
    amounts: dict[tuple[UUID, int, str], int] = {}
    for plan, key in drafts:
        for invoice, amount in plan.parts:
            whose = (key, invoice.dealer_id, plan.line.currency)
            amounts[whose] = amounts.get(whose, 0) + Money(amount, plan.line.currency).minor
    return exposure.repayments(
        [
            Settled("payment", f"{key}:{dealer}", dealer, currency, amount)
            for (key, dealer, currency), amount in amounts.items()
        ],
        at=at,
    )


COLUMNS = {"id": "uuid", "open_amount": "numeric", "status": "text", "updated_at": "timestamptz"}


def _lower(paid: dict[UUID, tuple[Invoice, Decimal]], *, by: Actor, at: datetime) -> None:
    rows, moves = [], []
    for key, (invoice, amount) in paid.items():
        invoice.open_amount -= amount
        verb = "settle_partly" if invoice.open_amount else "settle"
        before, invoice.status = invoice.status, INVOICE.next(invoice.status, verb)
        rows.append((key, invoice.open_amount, invoice.status, at))
        moves.append((invoice, verb, before, invoice.status))
    execute(
        f"""
        UPDATE finance_invoice kept SET open_amount = given.open_amount, status = given.status,
            version = kept.version + 1, updated_at = given.updated_at
        FROM {unnest(COLUMNS)} WHERE kept.id = given.id
        """,
        transpose(list(COLUMNS), rows),
    )
    record(moves, by=by, at=at)


def _told(plan: Plan, payment: Payment, *, at: datetime) -> PaymentReceived:
    return PaymentReceived(
        occurred_at=at,
        payment_id=payment.pk,
        dealer_id=plan.dealer_id,
        currency=plan.line.currency,
        amount=plan.line.amount,
        invoices=tuple(
            SettledInvoice(
                invoice_id=invoice.pk,
                number=invoice.number,
                amount=amount,
                is_fully_paid=invoice.open_amount == 0,
            )
            for invoice, amount in plan.parts
        ),
    )
