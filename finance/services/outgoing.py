"""Money on its way out: it leaves the payables when a run is approved, and the way when the bank has booked it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.db.bulk import execute
from b2b.db.locks import lock
from b2b.db.models import advance_all
from b2b.db.transactions import require_transaction
from finance.models import (
    BankAccount,
    PaymentOrder,
    PaymentOrderItem,
    StatementLine,
    SupplierCredit,
    SupplierInvoice,
)
from finance.policies.chart import IN_TRANSIT, MAIN, PAYABLES
from finance.policies.entry import Entry, Line, entry_id
from finance.services import chart, ledger
from finance.services.chart import Wanted

LIVE: Final = ("APPROVED", "ACCEPTED")


def pay(orders: Sequence[PaymentOrder], *, by: Actor, at: datetime) -> None:
    """Post payables against money on its way, and settle the bills and credits; a constant number of statements."""
    require_transaction()
    day = timezone.localtime(at).date()
    entries = _entries("payment_order", orders, day=day, at=at)
    ledger.post_late(entries, by=by)
    for order, entry in zip(orders, entries, strict=True):
        order.entry_id = entry.id
    execute(
        "UPDATE finance_paymentorder kept SET entry_id = given.entry"
        " FROM unnest(%(orders)s::uuid[], %(entries)s::uuid[]) given(id, entry) WHERE kept.id = given.id",
        {"orders": [order.pk for order in orders], "entries": [entry.id for entry in entries]},
    )
    bills, borne = _settled_by(orders)
    SupplierInvoice.objects.filter(pk__in=[bill.pk for bill in bills]).update(open_amount=0)
    advance_all(bills, "pay", by=by, at=at)
    advance_all(borne, "settle", by=by, at=at)


def refuse(orders: Sequence[PaymentOrder], reasons: Mapping[UUID, str], *, by: Actor, at: datetime) -> None:
    """Take payments back that the bank did not make, each for its reason: the bills can be paid anew.

    What it had booked by then is on its way back until a statement shows it. A constant number of statements,
    whatever the number of payments and reasons.
    """
    require_transaction()
    reopen(orders, reasons, by=by, at=at)
    for verb, before in (("refuse", LIVE), ("call_back", ("SETTLED",))):
        moved = [one for one in orders if one.status in before]
        advance_all(moved, verb, by=by, at=at, reason=reasons)


def reopen(orders: Sequence[PaymentOrder], reasons: Mapping[UUID, str], *, by: Actor, at: datetime) -> None:
    """Owe again what payments settled, against money that is not on its way any more; keep the bank's reasons."""
    require_transaction()
    if not orders:
        return
    day = timezone.localtime(at).date()
    ledger.post_late(_entries("payment_refused", orders, day=day, at=at, undo=True), by=by)
    bills, borne = _settled_by(orders)
    why = _reasons_of_settled(reasons)
    execute(
        """
        UPDATE finance_supplierinvoice bill SET open_amount = item.amount
        FROM finance_paymentorderitem item
        WHERE item.supplier_invoice_id = bill.id AND item.is_live AND item.order_id = ANY(%(orders)s::uuid[])
        """,
        {"orders": [order.pk for order in orders]},
    )
    advance_all(bills, "reopen", by=by, at=at, reason=why)
    advance_all(borne, "reopen", by=by, at=at, reason=why)
    execute(
        "UPDATE finance_paymentorderitem SET is_live = false WHERE order_id = ANY(%(orders)s::uuid[])",
        {"orders": [order.pk for order in orders]},
    )
    execute(
        "UPDATE finance_paymentorder kept SET bank_reason = given.reason"
        " FROM unnest(%(orders)s::uuid[], %(reasons)s::text[]) given(id, reason) WHERE kept.id = given.id",
        {"orders": list(reasons), "reasons": [reason[:140] for reason in reasons.values()]},
    )


def match(lines: Iterable[StatementLine], *, by: Actor, at: datetime) -> set[int]:
    """Settle the payments that bank lines have booked and return the lines: one by end-to-end id, or a run in one sum.

    A line that names a payment but another amount settles nothing. The caller holds the lines.
    """
    debits = {line.pk: line for line in lines if line.amount < 0}
    orders = lock(_named(debits.values()))
    booked: dict[int, list[PaymentOrder]] = {}
    free = _Free(orders)
    for line in debits.values():
        found = free.take(line)
        if found:
            booked[line.pk] = found
    _settle({key: debits[key] for key in booked}, booked, by=by, at=at)
    return set(booked)


def _named(lines: Collection[StatementLine]) -> QuerySet[PaymentOrder]:
    names = {line.end_to_end_id for line in lines}
    runs = {word for line in lines for word in line.remittance_text.split()} | names
    live = PaymentOrder.objects.filter(status__in=LIVE).select_related("run")
    return live.filter(number__in=names) | live.filter(run__number__in=runs)


class _Free:
    """Payments that no line has booked yet, found by what a line names."""

    def __init__(self, orders: Sequence[PaymentOrder]) -> None:
        self.taken: set[UUID] = set()
        self.named: dict[tuple[int, str, str], PaymentOrder] = {}
        self.runs: dict[tuple[int, str, str], list[PaymentOrder]] = defaultdict(list)
        for one in orders:
            self.named[one.run.bank_account_id, one.currency, one.number] = one
            self.runs[one.run.bank_account_id, one.currency, one.run.number].append(one)

    def take(self, line: StatementLine) -> list[PaymentOrder]:
        """Return the payment that a line books, or those of a run that it books in one sum; none of other amounts."""
        account = (line.bank_account_id, line.currency)
        single = self.named.get((*account, line.end_to_end_id))
        if single is not None and single.pk not in self.taken:
            found = [single]
        else:
            words = {line.end_to_end_id, *line.remittance_text.split()}
            runs = (self.runs.get((*account, word), []) for word in words)
            found = [one for orders in runs for one in orders if one.pk not in self.taken]
        if sum(one.amount for one in found) != -line.amount:
            return []
        self.taken.update(one.pk for one in found)
        return found


def _settle(
    lines: dict[int, StatementLine], booked: dict[int, list[PaymentOrder]], *, by: Actor, at: datetime
) -> None:
    if not lines:
        return
    banks = BankAccount.objects.in_bulk({line.bank_account_id for line in lines.values()})
    keys = chart.accounts(Wanted(IN_TRANSIT, line.currency) for line in lines.values())
    book = chart.books()[MAIN]
    entries = []
    for key, line in lines.items():
        amount = Money.of(-line.amount, line.currency).minor
        way, bank = keys[Wanted(IN_TRANSIT, line.currency)], banks[line.bank_account_id].account_id
        entries.append(
            Entry(
                id=entry_id("payment_booked", key),
                book_id=book,
                kind="payment_booked",
                effective_date=line.value_date,
                booked_at=at,
                lines=(Line(way, amount), Line(bank, -amount)),
                source_type="statement_line",
                source_id=str(key),
            )
        )
    ledger.post_late(entries, by=by)
    StatementLine.objects.filter(pk__in=lines).update(status="MATCHED")
    by_line: dict[int, list[UUID]] = defaultdict(list)
    for key, orders in booked.items():
        by_line[key] += [order.pk for order in orders]
    pairs = [(order, key) for key, found in by_line.items() for order in found]
    execute(
        "UPDATE finance_paymentorder kept SET statement_line_id = given.line"
        " FROM unnest(%(orders)s::uuid[], %(lines)s::bigint[]) given(id, line) WHERE kept.id = given.id",
        {"orders": [order for order, _ in pairs], "lines": [key for _, key in pairs]},
    )
    advance_all([order for found in booked.values() for order in found], "settle", by=by, at=at)


def _reasons_of_settled(reasons: Mapping[UUID, str]) -> dict[UUID, str]:
    """Return why each bill and credit is open again: for what the payment that held it was refused."""
    held = PaymentOrderItem.objects.filter(order__in=reasons, is_live=True).values_list(
        "order_id", "supplier_invoice_id", "supplier_credit_id"
    )
    return {bill or credit: reasons[order] for order, bill, credit in held}


def _settled_by(orders: Sequence[PaymentOrder]) -> tuple[list[SupplierInvoice], list[SupplierCredit]]:
    keys = [order.pk for order in orders]
    bills = lock(SupplierInvoice.objects.filter(paid_by__order__in=keys, paid_by__is_live=True))
    borne = lock(SupplierCredit.objects.filter(taken_by__order__in=keys, taken_by__is_live=True))
    return bills, borne


def _entries(
    kind: str, orders: Sequence[PaymentOrder], *, day: date, at: datetime, undo: bool = False
) -> list[Entry]:
    keys = chart.accounts(
        Wanted(code, order.currency, party)
        for order in orders
        for code, party in ((PAYABLES, order.factory_id), (IN_TRANSIT, None))
    )
    book, sign = chart.books()[MAIN], -1 if undo else 1
    return [
        Entry(
            id=entry_id(kind, order.pk),
            book_id=book,
            kind=kind,
            effective_date=day,
            booked_at=at,
            lines=(
                Line(
                    keys[Wanted(PAYABLES, order.currency, order.factory_id)],
                    sign * Money.of(order.amount, order.currency).minor,
                    f"payment_order:{order.number}",
                ),
                Line(
                    keys[Wanted(IN_TRANSIT, order.currency)],
                    -sign * Money.of(order.amount, order.currency).minor,
                ),
            ),
            source_type="payment_order",
            source_id=str(order.pk),
            reverses=order.entry_id if undo else None,
        )
        for order in orders
    ]
