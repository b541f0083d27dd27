"""Open the bank accounts that statements may be imported for."""

from __future__ import annotations

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden
from b2b.db.transactions import unit_of_work
from finance.models import Account, BankAccount
from finance.policies.chart import BANK, CHART, MAIN
from finance.services import chart


@unit_of_work()
def open_account(*, identifier: str, currency: str, by: Actor, name: str = "") -> BankAccount:
    """Name one of our own accounts by IBAN or number, and open the ledger account that mirrors it.

    :raises Forbidden: for anyone but the operator.
    """
    if not by.sees_all:
        raise Forbidden("bank accounts are the operator's")
    known = BankAccount.objects.filter(identifier=identifier, currency=currency).first()
    if known is not None:
        return known
    kind = CHART[BANK]
    account = Account.objects.create(
        book_id=chart.books()[MAIN],
        code=f"{BANK}-{BankAccount.objects.count() + 1}",
        name=f"{kind.name} {identifier}"[:200],
        type=kind.type,
        normal_side=kind.side,
        unit=currency,
    )
    return BankAccount.objects.create(identifier=identifier, currency=currency, name=name, account=account)
