"""What is due to factories, where they are paid, and the runs that pay them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from finance.models import (
    BankAccount,
    PayeeAccount,
    PaymentOrder,
    PaymentOrderItem,
    PaymentRun,
    SupplierCredit,
    SupplierInvoice,
)
from finance.policies import pain
from finance.policies.pain import Message, Transfer


def runs(actor: Actor) -> QuerySet[PaymentRun]:
    """Return the payment runs; the operator's alone."""
    return PaymentRun.objects.visible_to(actor).select_related("bank_account")


def orders(actor: Actor) -> QuerySet[PaymentOrder]:
    """Return the payments to a factory once they are approved, or all for the operator, with what they settle."""
    items = PaymentOrderItem.objects.select_related("supplier_invoice", "supplier_credit").order_by("pk")
    found = PaymentOrder.objects.visible_to(actor)
    if not actor.sees_all:
        found = found.exclude(status__in=("PROPOSED", "DROPPED"))
    return found.select_related("factory", "payee").prefetch_related(Prefetch("items", items))


def accounts(actor: Actor) -> QuerySet[PayeeAccount]:
    """Return a factory's own payee accounts, or all for the operator."""
    return PayeeAccount.objects.visible_to(actor).select_related("factory")


def own_account(actor: Actor, identifier: str, currency: str) -> BankAccount | None:
    """Return one of our bank accounts."""
    return BankAccount.objects.visible_to(actor).filter(identifier=identifier, currency=currency).first()


def due(currency: str, until: date) -> QuerySet[SupplierInvoice]:
    """Return bills in a currency that are due and in no live payment."""
    held = PaymentOrderItem.objects.filter(supplier_invoice=OuterRef("pk"), is_live=True)
    found = SupplierInvoice.objects.filter(currency=currency, open_amount__gt=0, due_date__lte=until)
    return found.filter(~Exists(held))


def open_credits(currency: str, factories: Collection[int]) -> QuerySet[SupplierCredit]:
    """Return supplier credits that no live payment was lowered by."""
    held = PaymentOrderItem.objects.filter(supplier_credit=OuterRef("pk"), is_live=True)
    found = SupplierCredit.objects.filter(currency=currency, status="ISSUED", factory_id__in=factories)
    return found.filter(~Exists(held))


def payees(currency: str, factories: Collection[int]) -> dict[int, PayeeAccount]:
    """Return the account each factory is paid to: the one confirmed last; factories without one are left out."""
    confirmed = PayeeAccount.objects.filter(currency=currency, status="CONFIRMED", factory_id__in=factories)
    return {one.factory_id: one for one in confirmed.order_by("confirmed_at", "pk")}


def message(actor: Actor, run_id: UUID) -> bytes:
    """Return a run as the pain.001 message that goes to the bank; the same bytes each time.

    :raises NotFound: when the actor sees no such run.
    """
    run = runs(actor).select_related("bank_account__account__book__organization").filter(pk=run_id).first()
    if run is None:
        raise NotFound("there is no such payment run")
    payer = run.bank_account.account.book.organization
    transfers = tuple(
        Transfer(
            end_to_end_id=order.number,
            amount=order.amount,
            holder=order.payee.holder,
            identifier=order.payee.identifier,
            bic=order.payee.bic,
            remittance_text=_remittance(order),
        )
        for order in orders(actor).filter(run=run).order_by("number")
    )
    return pain.write(
        Message(
            id=run.number,
            created_at=run.created_at,
            execution_date=run.execution_date,
            payer=payer.name if payer else "",
            account=run.bank_account.identifier,
            currency=run.currency,
            transfers=transfers,
        )
    )


def _remittance(order: PaymentOrder) -> str:
    """Name the factory's own bill numbers, as many as fit, so that it can match what it gets."""
    names = [
        item.supplier_invoice.supplier_number if item.supplier_invoice else item.supplier_credit.number
        for item in order.items.all()
    ]
    return " ".join(names)[:140]
