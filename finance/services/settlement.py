"""Turn bank lines into payments that settle invoices: one batch, whatever the number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
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
from finance.policies.chart import ADVANCES, BANK_FEES, DISCOUNTS, MAIN, RECEIVABLES, TRADING, WRITE_OFFS
from finance.policies.chart import EXCHANGE as EXCHANGE_DIFFERENCES
from finance.policies.entry import Entry, Line, entry_id
from finance.policies.open_items import DISCOUNT, EXCHANGE, FEE, WRITE_OFF
from finance.services import chart, exposure, ledger, numbering
from finance.services.chart import Wanted
from finance.services.exposure import Settled
from finance.states import INVOICE, STATEMENT_LINE

ACCOUNTS: Final = {
    DISCOUNT: DISCOUNTS,
    WRITE_OFF: WRITE_OFFS,
    FEE: BANK_FEES,
    EXCHANGE: EXCHANGE_DIFFERENCES,
}


class OverAllocated(Invalid):
    """More would be allocated than was paid or than is open."""

    code = "over_allocated"


@dataclass(frozen=True, slots=True)
class Share:
    """What one invoice loses, what of the bank line is used for it, and what the difference is (kind, amount)."""

    invoice: Invoice
    amount: Decimal
    paid: Decimal
    adjustments: tuple[tuple[str, Decimal], ...] = ()

    @classmethod
    def whole(cls, invoice: Invoice, amount: Decimal) -> Share:
        """Return a share that is paid in full in the invoice's own currency."""
        return cls(invoice, amount, amount)

    def adjusted(self, kind: str) -> Decimal:
        """Return what of the amount is of one kind."""
        return sum((amount for found, amount in self.adjustments if found == kind), Decimal(0))


@dataclass(frozen=True, slots=True)
class Plan:
    """One bank line as a dealer's payment; what the shares leave is an advance."""

    line: StatementLine
    dealer_id: int
    shares: tuple[Share, ...]

    @property
    def left(self) -> Decimal:
        """What no invoice takes."""
        total: Decimal = self.line.amount
        return total - sum((share.paid for share in self.shares), Decimal(0))


def settle(plans: Sequence[Plan], *, by: Actor, at: datetime) -> list[Payment]:
    """Write payments, allocations and entries, lower what is open, give credit back and tell; all lines or none.

    The caller holds the locks of the lines and the invoices.

    :raises OverAllocated: when a line or an invoice does not hold that much.
    :raises IllegalTransition: when a line is matched already.
    """
    require_transaction()
    if not plans:
        return []
    lost = _check(plans)
    issuer = chart.seller()
    drafts = [(plan, uuid7()) for plan in plans]
    ledger.post_late([*_entries(drafts, at=at), *_repaid(drafts, at=at)], by=by)
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
            entry_id=entry_id("payment", key),
            created_at=at,
            updated_at=at,
        )
        for (plan, key), value in zip(drafts, values, strict=True)
    )
    Allocation.objects.bulk_create(
        _allocation(key, share, at) for plan, key in drafts for share in plan.shares
    )
    _lower(lost, by=by, at=at)
    StatementLine.objects.filter(pk__in=[plan.line.pk for plan in plans]).update(status="MATCHED")
    record(((payment, "receive", "", payment.status) for payment in payments), by=by, at=at)
    publish(*(_told(plan, payment, at=at) for plan, payment in zip(plans, payments, strict=True)))
    return payments


def _check(plans: Sequence[Plan]) -> dict[UUID, tuple[Invoice, Decimal]]:
    """Return what each invoice loses in all."""
    lost: dict[UUID, tuple[Invoice, Decimal]] = {}
    for plan in plans:
        STATEMENT_LINE.next(plan.line.status, "match")
        if plan.left < 0 or any(share.amount <= 0 or share.paid < 0 for share in plan.shares):
            raise OverAllocated(f"the line holds {plan.line.amount} {plan.line.currency}")
        for share in plan.shares:
            off = sum((amount for _, amount in share.adjustments), Decimal(0))
            if share.invoice.currency == plan.line.currency and share.amount != share.paid + off:
                raise OverAllocated(
                    f"{share.invoice.number} loses {share.amount}, but {share.paid} and {off} are given"
                )
            before = lost.get(share.invoice.pk, (share.invoice, Decimal(0)))[1]
            lost[share.invoice.pk] = (share.invoice, before + share.amount)
    for invoice, amount in lost.values():
        if amount > invoice.open_amount:
            raise OverAllocated(f"{invoice.number} has only {invoice.open_amount} {invoice.currency} open")
    return lost


def _entries(drafts: Sequence[tuple[Plan, UUID]], *, at: datetime) -> list[Entry]:
    banks = BankAccount.objects.in_bulk({plan.line.bank_account_id for plan, _ in drafts})
    moves = [(plan, key, _moves(plan)) for plan, key in drafts]
    keys = chart.accounts(wanted for _, _, found in moves for wanted, _, _ in found)
    book = chart.books()[MAIN]
    return [
        Entry(
            id=entry_id("payment", key),
            book_id=book,
            kind="payment",
            effective_date=plan.line.value_date,
            booked_at=at,
            lines=(
                Line(
                    banks[plan.line.bank_account_id].account_id,
                    Money(plan.line.amount, plan.line.currency).minor,
                ),
                *(Line(keys[wanted], minor, dimension) for wanted, minor, dimension in found if minor),
            ),
            source_type="payment",
            source_id=str(key),
        )
        for plan, key, found in moves
    ]


def _moves(plan: Plan) -> list[tuple[Wanted, int, str]]:
    """Return what stands against the bank: (account, minor units, dimension).

    What is paid in another currency than the invoice's goes through an account that holds both (trading accounts:
    P. Selinger, Tutorial on multiple currency accounting, 2005), so that each currency balances by itself.
    """
    found: list[tuple[Wanted, int, str]] = []
    currency = plan.line.currency
    for share in plan.shares:
        owed, about = share.invoice.currency, f"invoice:{share.invoice.number}"
        found.append(
            (Wanted(RECEIVABLES, owed, share.invoice.dealer_id), -Money(share.amount, owed).minor, about)
        )
        found += [
            (Wanted(ACCOUNTS[kind], owed), Money(amount, owed).minor, about)
            for kind, amount in share.adjustments
        ]
        if owed != currency:
            found.append((Wanted(TRADING, currency), -Money(share.paid, currency).minor, about))
            found.append((Wanted(TRADING, owed), Money(share.amount, owed).minor, about))
    if plan.left:
        found.append((Wanted(ADVANCES, currency, plan.dealer_id), -Money(plan.left, currency).minor, ""))
    return found


def _repaid(drafts: Sequence[tuple[Plan, UUID]], *, at: datetime) -> list[Entry]:
    amounts: dict[tuple[UUID, int, str], int] = {}
    for plan, key in drafts:
        for share in plan.shares:
            whose = (key, share.invoice.dealer_id, share.invoice.currency)
            amounts[whose] = amounts.get(whose, 0) + Money(share.amount, share.invoice.currency).minor
    return exposure.repayments(
        [
            Settled("payment", f"{key}:{dealer}:{currency}", dealer, currency, amount)
            for (key, dealer, currency), amount in amounts.items()
        ],
        at=at,
    )


def _allocation(payment_id: UUID, share: Share, at: datetime) -> Allocation:
    return Allocation(
        payment_id=payment_id,
        invoice=share.invoice,
        dealer_id=share.invoice.dealer_id,
        amount=share.amount,
        paid_amount=share.paid,
        discount_amount=share.adjusted(DISCOUNT),
        write_off_amount=share.adjusted(WRITE_OFF),
        fee_amount=share.adjusted(FEE),
        exchange_amount=share.adjusted(EXCHANGE),
        at=at,
    )


COLUMNS = {"id": "uuid", "open_amount": "numeric", "status": "text", "updated_at": "timestamptz"}


def _lower(lost: dict[UUID, tuple[Invoice, Decimal]], *, by: Actor, at: datetime) -> None:
    rows, moves = [], []
    for key, (invoice, amount) in lost.items():
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
                invoice_id=share.invoice.pk,
                number=share.invoice.number,
                amount=share.amount,
                is_fully_paid=share.invoice.open_amount == 0,
            )
            for share in plan.shares
        ),
    )
