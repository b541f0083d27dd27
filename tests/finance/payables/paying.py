"""Runs that pay factories, made the way an operator makes them, and what the bank books of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from b2b.core.actor import acting_as, system
from b2b.db.bulk import fetch_value
from b2b.db.invariants import INVARIANTS
from b2b.market.bank import Movement, statement
from finance.models import PaymentOrder, PaymentRun
from finance.services import payee_account, payment_run, reconciliation
from finance.services import statement as statements
from tests.factories.directory import factory_organization
from tests.factories.finance import NOON, PLATFORM, operator, our_bank_account
from tests.finance.payables.bills import Purchase

ANNA, BEN = system("Anna"), system("Ben")
SOON = NOON.date() + timedelta(days=31)
ACCOUNT = "CN-6222-0001"
NAMES = ("payables_are_open_bills", "payments_add_up", "payments_on_their_way", "entries_balance")


def broken() -> list[str]:
    with acting_as(PLATFORM):
        return [
            name
            for name in NAMES
            if fetch_value(f"SELECT count(*) FROM ({INVARIANTS[f'finance.{name}'].breaking_rows}) rows")
        ]


def owed_factory(*amounts: str, account: str = "6222-9", confirmed: bool = True):
    """Return a factory that is owed bills over net amounts, and where it is paid."""
    operator()
    factory = factory_organization()
    for amount in amounts:
        purchase = Purchase(factory, (1, amount))
        purchase.receive(1)
        purchase.invoice((1, amount))
    with acting_as(ANNA):
        payee = payee_account.propose(
            factory_id=factory.pk, currency="CNY", holder=factory.name, identifier=account, by=ANNA, at=NOON
        )
        if confirmed:
            payee_account.confirm(payee.pk, by=BEN, at=NOON)
    return factory


def propose(until: date = SOON) -> PaymentRun:
    account = our_bank_account(ACCOUNT)
    with acting_as(ANNA):
        return payment_run.propose(account.pk, due_until=until, execution_date=until, by=ANNA, at=NOON)


def approved() -> PaymentRun:
    run = propose()
    with acting_as(BEN):
        payment_run.approve(run.pk, by=BEN, at=NOON)
        payment_run.hand_over(run.pk, by=BEN, at=NOON)
    return run


def orders(run) -> list[PaymentOrder]:
    with acting_as(PLATFORM):
        return list(PaymentOrder.objects.filter(run=run).order_by("number"))


def booked(*movements: Movement, statement_id: str = "S-1", opening: Decimal = Decimal(0)) -> None:
    """Import what the bank booked and match it."""
    file = statement(
        list(movements),
        account=ACCOUNT,
        currency="CNY",
        opening=opening,
        statement_id=statement_id,
        created_at=NOON,
    )
    with acting_as(PLATFORM):
        statements.import_file(file, by=PLATFORM, at=NOON)
        reconciliation.match(by=PLATFORM, at=NOON)
