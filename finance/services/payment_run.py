"""Pay what is due to factories: proposed by one person, approved by another, handed to the bank as one message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.utils import timezone

from b2b.core.actor import Actor
from b2b.core.errors import DomainError, Forbidden, Invalid, NotFound, Problem
from b2b.core.ids import uuid7
from b2b.db import sequences
from b2b.db.locks import advisory_lock, lock, lock_one
from b2b.db.models import advance_all, record
from b2b.db.transactions import unit_of_work
from finance.models import (
    BankAccount,
    PayeeAccount,
    PaymentOrder,
    PaymentOrderItem,
    PaymentRun,
    SupplierCredit,
    SupplierInvoice,
)
from finance.selectors import payment_run as selectors
from finance.services import chart, outgoing, second_person

RUN_PREFIX: Final = "RUN"
ORDER_PREFIX: Final = "E2E"


class PayeeWithdrawn(DomainError):
    """An account that the run would pay to was withdrawn since it was proposed."""

    code = "payee_withdrawn"


class NothingDue(Invalid):
    """No bill is due that could be paid."""

    code = "nothing_due"


@unit_of_work()
def propose(
    bank_account_id: int, *, due_until: date, execution_date: date, by: Actor, at: datetime
) -> PaymentRun:
    """Gather the bills due in the account's currency into one payment a factory, less what it bears of claims.

    Credits are taken whole, the oldest first, as long as something is left to pay. Factories without a confirmed
    account are left out. A bill is in one live payment only.

    :raises Forbidden: for anyone but the operator. :raises NotFound: without such an account.
    :raises Invalid: for a day that has passed. :raises NothingDue: counting the factories without a confirmed account.
    """
    _operators_only(by)
    if execution_date < timezone.localtime(at).date():
        passed = Problem("past_date", "banks pay today or later", pointer="/execution_date", field="execution_date",
                         remedy="give today or a day to come")  # fmt: skip
        raise Invalid(f"{execution_date} has passed", problems=[passed])
    account = BankAccount.objects.filter(pk=bank_account_id).first()
    if account is None:
        raise NotFound("there is no such bank account")
    advisory_lock("finance.payment_run")  # two runs proposed at once share no bill
    bills = lock(selectors.due(account.currency, due_until))
    factories = {bill.factory_id for bill in bills}
    borne = lock(selectors.open_credits(account.currency, factories))
    payees = selectors.payees(account.currency, factories)
    payable = {key: _net(bills, borne, key) for key in sorted(factories & set(payees))}
    payable = {key: parts for key, parts in payable.items() if parts}
    if not payable:
        without = len(factories - set(payees))
        raise NothingDue(f"nothing is due until {due_until}; {without} factories have no confirmed account")
    return _write(account, payable, payees, execution_date, by=by, at=at)


Part = tuple[SupplierInvoice | None, SupplierCredit | None, Decimal]


def _net(bills: Sequence[SupplierInvoice], borne: Sequence[SupplierCredit], factory_id: int) -> list[Part]:
    parts: list[Part] = [(one, None, one.open_amount) for one in bills if one.factory_id == factory_id]
    left = sum((amount for *_, amount in parts), Decimal(0))
    for credit in borne:
        if credit.factory_id == factory_id and credit.amount < left:
            parts.append((None, credit, -credit.amount))
            left -= credit.amount
    return parts


def _write(
    account: BankAccount,
    payable: dict[int, list[Part]],
    payees: dict[int, PayeeAccount],
    execution_date: date,
    *,
    by: Actor,
    at: datetime,
) -> PaymentRun:
    entity = chart.seller()
    code = entity.code.upper()
    amounts = {key: sum((amount for *_, amount in parts), Decimal(0)) for key, parts in payable.items()}
    run = PaymentRun.objects.create(
        number=sequences.number(RUN_PREFIX, code, sequences.take("payment_run", entity.pk).start),
        bank_account=account,
        currency=account.currency,
        execution_date=execution_date,
        total_amount=sum(amounts.values(), Decimal(0)),
        order_count=len(payable),
        proposed_by=str(by)[:150],
        created_at=at,
        updated_at=at,
    )
    numbers = sequences.take("payment_order", entity.pk, len(payable))
    orders = PaymentOrder.objects.bulk_create(
        PaymentOrder(
            id=uuid7(),
            number=sequences.number(ORDER_PREFIX, code, value),
            run=run,
            factory_id=key,
            payee=payees[key],
            currency=account.currency,
            amount=amounts[key],
            created_at=at,
            updated_at=at,
        )
        for key, value in zip(payable, numbers, strict=True)
    )
    PaymentOrderItem.objects.bulk_create(
        PaymentOrderItem(
            order=order,
            factory_id=order.factory_id,
            supplier_invoice=bill,
            supplier_credit=credit,
            amount=amount,
        )
        for order in orders
        for bill, credit, amount in payable[order.factory_id]
    )
    record(((one, "propose", "", one.status) for one in (run, *orders)), by=by, at=at)
    return run


@unit_of_work()
def approve(run_id: UUID, *, by: Actor, at: datetime) -> PaymentRun:
    """Pay: the bills are settled and the money is on its way; a second person's to do.

    :raises SamePerson: for whoever proposed the run. :raises IllegalTransition: when it is decided already.
    :raises PayeeWithdrawn: naming the accounts that must not be paid to any more; the run is then to be dropped.
    """
    _operators_only(by)
    run = lock_one(PaymentRun.objects.filter(pk=run_id))
    second_person.insist(run, by=by)
    run.advance("approve", by=by, at=at, approved_by=str(by)[:150])
    # Held, so that an account is withdrawn before the money is on its way to it, or after.
    payees = lock(PayeeAccount.objects.filter(pk__in=PaymentOrder.objects.filter(run=run).values("payee")))
    if withdrawn := [one.number for one in payees if one.status != "CONFIRMED"]:
        raise PayeeWithdrawn(f"{', '.join(withdrawn)} was withdrawn: drop the run and propose it again")
    orders = lock(PaymentOrder.objects.filter(run=run))
    outgoing.pay(orders, by=by, at=at)
    advance_all(orders, "approve", by=by, at=at)
    return run


@unit_of_work()
def drop(run_id: UUID, *, reason: str, by: Actor, at: datetime) -> PaymentRun:
    """Pay nothing of a proposed run; its bills can be proposed again.

    :raises Forbidden: for anyone but the operator. :raises IllegalTransition: when it is approved already.
    """
    _operators_only(by)
    run = lock_one(PaymentRun.objects.filter(pk=run_id))
    run.advance("drop", by=by, at=at, reason=reason)
    orders = lock(PaymentOrder.objects.filter(run=run))
    advance_all(orders, "drop", by=by, at=at, reason=reason)
    PaymentOrderItem.objects.filter(order__run=run).update(is_live=False)
    return run


@unit_of_work()
def hand_over(run_id: UUID, *, by: Actor, at: datetime) -> bytes:
    """Return the pain.001 message of an approved run for the bank; asked again, the same bytes.

    :raises Forbidden: for anyone but the operator. :raises IllegalTransition: before the run is approved.
    """
    _operators_only(by)
    run = lock_one(PaymentRun.objects.filter(pk=run_id))
    run.advance("hand_over", by=by, at=at)
    return selectors.message(by, run.pk)


def _operators_only(by: Actor) -> None:
    if not by.sees_all:
        raise Forbidden("payments are the operator's")
