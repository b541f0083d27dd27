"""Open the bank accounts that statements may be imported for."""

from __future__ import annotations

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, NotFound
from b2b.db.transactions import unit_of_work
from finance.models import Account, BankAccount, StatementLayout
from finance.policies.bank_csv import Layout
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


@unit_of_work()
def keep_layout(account_id: int, layout: Layout, *, by: Actor) -> StatementLayout:
    """Keep how the bank of an account writes its CSV export, instead of what was kept before.

    :raises Forbidden: for anyone but the operator. :raises NotFound: when there is no such account.
    :raises BadMapping: when no file could be read by it.
    """
    if not by.sees_all:
        raise Forbidden("bank accounts are the operator's")
    layout.check()
    if not BankAccount.objects.filter(pk=account_id).exists():
        raise NotFound("there is no such bank account")
    kept, _ = StatementLayout.objects.update_or_create(
        bank_account_id=account_id,
        defaults={
            "columns": dict(layout.columns),
            "delimiter": layout.delimiter,
            "encoding": layout.encoding,
            "date_format": layout.date_format,
            "decimal_mark": layout.decimal_mark,
            "skipped_rows": layout.skipped_rows,
        },
    )
    return kept


def layout_of(account_id: int | None) -> tuple[Layout | None, tuple[str, str]]:
    """Return the kept layout of an account, if any, and its (identifier, currency).

    :raises NotFound: when there is no such account.
    """
    if account_id is None:
        return None, ("", "")
    account = BankAccount.objects.filter(pk=account_id).first()
    if account is None:
        raise NotFound("there is no such bank account")
    kept = StatementLayout.objects.filter(bank_account=account).first()
    if kept is None:
        return None, (account.identifier, account.currency)
    layout = Layout(
        columns=kept.columns,
        delimiter=kept.delimiter,
        encoding=kept.encoding,
        date_format=kept.date_format,
        decimal_mark=kept.decimal_mark,
        skipped_rows=kept.skipped_rows,
    )
    return layout, (account.identifier, account.currency)
