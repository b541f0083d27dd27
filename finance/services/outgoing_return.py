"""Take in payments that come back: the bank credits what it had booked, and the factory is owed it again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.db.bulk import execute
from b2b.db.locks import lock
from b2b.db.models import advance_all
from b2b.db.transactions import require_transaction
from finance.models import BankAccount, PaymentOrder, StatementLine
from finance.policies.chart import IN_TRANSIT, MAIN
from finance.policies.entry import Entry, Line, entry_id
from finance.services import case, chart, ledger, match_record, outgoing
from finance.services.case import Finding
from finance.services.chart import Wanted

CASE_KIND: Final = "PAYMENT_RETURNED"
BOOKED: Final = ("SETTLED", "COMING_BACK")


def returned(lines: Iterable[StatementLine], *, by: Actor, at: datetime) -> set[int]:
    """Take back the payments whose end-to-end id comes in again over the same amount, each with a case.

    Returns the lines that are settled by that. The bills are open again and can be paid anew. The caller holds the
    lines; a constant number of statements.
    """
    require_transaction()
    named: dict[str, list[StatementLine]] = {}
    for line in lines:
        if line.amount > 0 and line.end_to_end_id:
            named.setdefault(line.end_to_end_id, []).append(line)
    found = PaymentOrder.objects.filter(number__in=named, status__in=BOOKED).select_related("run", "payee")
    pairs = [(order, line) for order in lock(found) for line in _of(order, named[order.number])[:1]]
    if not pairs:
        return set()
    reasons = {order.pk: f"the bank returned it on {line.booking_date}" for order, line in pairs}
    fresh = [order for order, _ in pairs if order.status == "SETTLED"]
    if fresh:
        outgoing.reopen(fresh, {one.pk: reasons[one.pk] for one in fresh}, by=by, at=at)
    _book(pairs, by=by, at=at)
    advance_all([order for order, _ in pairs], "give_back", by=by, at=at, reason=reasons)
    case.open_all([_finding(order, reasons[order.pk]) for order, _ in pairs], by=by, at=at)
    settled = {line.pk for _, line in pairs}
    match_record.close_proposals(sorted(settled), "REJECTED", by=by)
    match_record.close_cases(sorted(settled), "a payment of ours came back", by=by, at=at)
    StatementLine.objects.filter(pk__in=settled).update(status="MATCHED")
    return settled


def _of(order: PaymentOrder, lines: Sequence[StatementLine]) -> list[StatementLine]:
    """Return the lines that bring all of it back to the account it left, the first first."""
    account, wanted = order.run.bank_account_id, (order.currency, order.amount)
    fitting = (
        one for one in lines if one.bank_account_id == account and (one.currency, one.amount) == wanted
    )
    return sorted(fitting, key=lambda one: one.pk)


def _book(pairs: Sequence[tuple[PaymentOrder, StatementLine]], *, by: Actor, at: datetime) -> None:
    banks = BankAccount.objects.in_bulk({line.bank_account_id for _, line in pairs})
    keys = chart.accounts(Wanted(IN_TRANSIT, order.currency) for order, _ in pairs)
    book = chart.books()[MAIN]
    entries = []
    for order, line in pairs:
        minor = Money.of(order.amount, order.currency).minor
        lines = (
            Line(banks[line.bank_account_id].account_id, minor),
            Line(keys[Wanted(IN_TRANSIT, order.currency)], -minor),
        )
        entries.append(
            Entry(
                id=entry_id("payment_returned", line.pk),
                book_id=book,
                kind="payment_returned",
                effective_date=line.value_date,
                booked_at=at,
                lines=lines,
                source_type="statement_line",
                source_id=str(line.pk),
            )
        )
    ledger.post_late(entries, by=by)
    execute(
        "UPDATE finance_paymentorder kept SET return_line_id = given.line"
        " FROM unnest(%(orders)s::uuid[], %(lines)s::bigint[]) given(id, line) WHERE kept.id = given.id",
        {"orders": [order.pk for order, _ in pairs], "lines": [line.pk for _, line in pairs]},
    )


def _finding(order: PaymentOrder, reason: str) -> Finding:
    return Finding(
        kind=CASE_KIND,
        key=f"payment_order:{order.pk}",
        reason=f"a payment to {order.payee.holder} came back: {reason}",
        reference=order.number,
        currency=order.currency,
        amount=order.amount,
    )
