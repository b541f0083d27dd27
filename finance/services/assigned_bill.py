"""Bills that a funder has bought: what was owed to the factory is owed to the funder."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.db.bulk import fetch_value
from b2b.db.locks import lock_one
from finance.models import Financing, FinancingRepayment, JournalEntry, SupplierInvoice
from finance.policies.chart import ASSIGNED_PAYABLES, MAIN, PAYABLES, SUSPENSE
from finance.policies.entry import Entry, Line, entry_id
from finance.policies.technique import BILL, TECHNIQUES
from finance.services import chart, ledger
from finance.services.chart import Wanted

_OWED: Final = """
    SELECT coalesce(sum(line.amount), 0) FROM finance_journalentry entry
    JOIN finance_journalline line ON line.entry_id = entry.id AND line.booked_at = entry.booked_at
    JOIN finance_account account ON account.id = line.account_id AND account.code = %(code)s
    WHERE entry.source_type = 'financing' AND entry.source_id = %(financing)s
"""


def is_sold(one: Financing) -> bool:
    """Tell whether the financing bought a bill of a factory."""
    return TECHNIQUES[one.programme.kind].is_purchase and one.request.asset_kind == BILL


def assign(one: Financing, *, by: Actor, at: datetime) -> None:
    """Owe the funder what was owed to the factory: the bill leaves what is to be paid to it.

    :raises IllegalTransition: when the bill is not approved and open any more.
    """
    bill = _locked(one)
    open_amount = bill.open_amount
    bill.advance("assign", by=by, at=at, reason=one.number, open_amount=Decimal(0))
    _post(
        "financing_assigned", one, Money.of(open_amount, bill.currency).minor, one.drawn_date, at,
        (Wanted(PAYABLES, bill.currency, bill.factory_id), Wanted(ASSIGNED_PAYABLES, bill.currency, one.funder_id)),
        by=by, about=f"supplier_invoice:{bill.number}",
    )  # fmt: skip


def pay(one: Financing, amount: int, value_date: date, key: object, *, by: Actor, at: datetime) -> None:
    """Lower what the funder is owed by a payment of ours, which the bank's statement will show; the bill is paid
    once nothing is owed on it."""
    owed = owed_on(one)
    paid = min(amount, owed)
    if paid:
        _post(
            "financing_bill_paid", one, paid, value_date, at,
            (Wanted(ASSIGNED_PAYABLES, one.currency, one.funder_id), Wanted(SUSPENSE, one.currency)),
            by=by, about=f"financing:{one.number}", key=key,
        )  # fmt: skip
    if paid == owed and owed:
        _locked(one).advance("pay", by=by, at=at, reason=one.number)


def take_payment_back(one: Financing, paid: FinancingRepayment, *, by: Actor, at: datetime) -> None:
    """Owe the funder again what a payment that was taken back had settled."""
    posted = entry_id("financing_bill_paid", one.pk, paid.pk)
    if not JournalEntry.objects.filter(pk=posted).exists():
        return
    ledger.reverse(posted, effective_date=paid.value_date, by=by, at=at, reason=one.number)
    bill = _locked(one)
    if bill.status == "PAID":
        bill.advance("owe_again", by=by, at=at, reason=one.number)


def give_back(one: Financing, day: date, *, by: Actor, at: datetime) -> None:
    """Owe the factory again what it has to pay the funder itself: recourse."""
    bill, owed = _locked(one), owed_on(one)
    if not owed:
        return
    bill.advance(
        "take_back", by=by, at=at, reason=one.number, open_amount=Money.from_minor(owed, one.currency).amount
    )
    _post(
        "financing_given_back", one, owed, day, at,
        (Wanted(ASSIGNED_PAYABLES, one.currency, one.funder_id), Wanted(PAYABLES, one.currency, bill.factory_id)),
        by=by, about=f"supplier_invoice:{bill.number}",
    )  # fmt: skip


def owed_on(one: Financing) -> int:
    """Return what we still owe the funder on a bill it bought, in minor units."""
    return -int(fetch_value(_OWED, {"financing": str(one.pk), "code": ASSIGNED_PAYABLES}))


def _locked(one: Financing) -> SupplierInvoice:
    return lock_one(SupplierInvoice.objects.filter(pk=UUID(one.request.asset_key)))


def _post(
    kind: str,
    one: Financing,
    amount: int,
    day: date,
    at: datetime,
    accounts: tuple[Wanted, Wanted],
    *,
    by: Actor,
    about: str,
    key: object = "",
) -> None:
    """Debit the first account and credit the second."""
    keys = chart.accounts(accounts)
    entry = Entry(
        id=entry_id(kind, one.pk, key),
        book_id=chart.books()[MAIN],
        kind=kind,
        effective_date=day,
        booked_at=at,
        lines=(Line(keys[accounts[0]], amount, about), Line(keys[accounts[1]], -amount, about)),
        source_type="financing",
        source_id=str(one.pk),
    )
    ledger.post_late([entry], by=by)
