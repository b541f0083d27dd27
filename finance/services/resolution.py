"""What a person decides about a bank line: accept a proposal, say what it pays, write a trifle off, set it aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid, NotFound
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.db.locks import advisory_lock, lock, lock_one
from b2b.db.transactions import unit_of_work
from finance.models import CounterpartyAccount, Invoice, Match, MatchMember, Payment, StatementLine
from finance.policies import exchange
from finance.policies.chart import MAIN, SUSPENSE
from finance.policies.entry import Entry, Line, entry_id
from finance.policies.open_items import WRITE_OFF, Tolerance
from finance.selectors import exchange_rate
from finance.services import chart, ledger, match_record, settlement
from finance.services.chart import Wanted
from finance.services.settlement import Plan, Share
from finance.states import MATCH, STATEMENT_LINE

BY_PERSON: Final = "person"
TOLERANCE: Final = Tolerance(write_off_minor=500)  # what a person may let go without asking anybody


def _waiting(line_id: int, by: Actor) -> StatementLine:
    if not by.sees_all:
        raise Forbidden("reconciliation is the operator's")
    advisory_lock("finance.reconciliation")
    return lock_one(StatementLine.objects.filter(pk=line_id))


@unit_of_work()
def accept(match_id: UUID, *, by: Actor, at: datetime) -> Payment:
    """Settle a line as one of its proposals says; its other proposals are rejected.

    :raises NotFound: when there is no such proposal. :raises IllegalTransition: when it was decided already.
    :raises OverAllocated: when an invoice no longer has that much open.
    """
    if not by.sees_all:
        raise Forbidden("reconciliation is the operator's")
    advisory_lock("finance.reconciliation")
    match = lock_one(Match.objects.filter(pk=match_id))
    MATCH.next(match.status, "accept")
    members = list(match.members.order_by("pk"))
    line = lock_one(StatementLine.objects.filter(members__match=match))
    wanted = {one.invoice_id: one for one in members if one.invoice_id is not None}
    invoices = {invoice.pk: invoice for invoice in lock(Invoice.objects.filter(pk__in=wanted))}
    shares = tuple(
        Share.whole(invoices[key], one.amount)
        if one.paid_amount is None or invoices[key].currency == line.currency
        else Share(invoices[key], one.amount, one.paid_amount)
        for key, one in wanted.items()
    )
    payment = _settle(
        line, shares, shares[0].invoice.dealer_id, f"proposal accepted, rule {match.rule}", by=by, at=at
    )
    match_record.close_proposals([line.pk], "REJECTED", by=by, but=match.pk)
    Match.objects.filter(pk=match.pk).update(status="ACCEPTED", decided_by=str(by)[:150])
    return payment


@unit_of_work()
def resolve(
    line_id: int,
    *,
    allocations: Mapping[UUID, Decimal],
    by: Actor,
    at: datetime,
    dealer_id: int | None = None,
    written_off: Mapping[UUID, Decimal] | None = None,
    note: str = "",
) -> Payment:
    """Say which invoices a bank line pays; the rest is kept as the dealer's advance, and the payer is remembered.

    What is `written_off` of an invoice beside what is paid may be no more than the tolerance of a person. The amount of
    an invoice is in its own currency; in another than the line's all of the line pays it when it is alone, else it is
    paid at the rate of the day.

    :raises NotFound: when a line or an invoice does not exist. :raises Invalid: when nobody is named as the payer, or
        too much is written off.
    :raises OverAllocated: when the line or an invoice does not hold that much.
    """
    line = _waiting(line_id, by)
    lost = dict(written_off or {})
    invoices = {invoice.pk: invoice for invoice in lock(Invoice.objects.filter(pk__in={*allocations, *lost}))}
    missing = {*allocations, *lost} - set(invoices)
    if missing:
        raise NotFound(f"there is no invoice {min(map(str, missing))}")
    for key, amount in lost.items():
        most = TOLERANCE.write_off(invoices[key].currency)
        if not 0 < amount <= most:
            raise Invalid(f"no more than {most} {invoices[key].currency} may be written off")
    owners = sorted({invoice.dealer_id for invoice in invoices.values()})
    payer = dealer_id or (owners[0] if owners else None)
    if payer is None:
        raise Invalid("name the dealer who paid, or invoices")
    paid = _in_its_currency(line, {invoices[key]: amount for key, amount in allocations.items()})
    shares = tuple(
        _share(invoices[key], amount, lost.get(key))
        if invoices[key].currency == line.currency
        else Share(invoices[key], amount, paid[key])
        for key, amount in allocations.items()
    )
    payment = _settle(line, shares, payer, note, by=by, at=at)
    match_record.close_proposals([line.pk], "REJECTED", by=by)
    _write(line, shares, note or "said by a person", by=by)
    return payment


def _in_its_currency(line: StatementLine, allocations: Mapping[Invoice, Decimal]) -> dict[UUID, Decimal]:
    """Return what of the line pays each invoice of another currency.

    :raises Invalid: when there are others beside it and no rate of the day is known.
    """
    foreign = {one: amount for one, amount in allocations.items() if one.currency != line.currency}
    if not foreign or len(allocations) == 1:
        return {one.pk: line.amount for one in foreign}
    currencies = {line.currency, *(one.currency for one in foreign)}
    rates = exchange_rate.between(currencies, line.value_date, line.value_date)
    found = {}
    for one, amount in foreign.items():
        rate = rates.of(one.currency, line.currency, line.value_date)
        if rate is None:
            raise Invalid(
                f"no rate of {one.currency} in {line.currency} is known for {line.value_date}; enter one, or settle"
                f" {one.number} by a line of its own"
            )
        found[one.pk] = exchange.convert(amount, rate, line.currency)
    return found


def _share(invoice: Invoice, paid: Decimal, lost: Decimal | None) -> Share:
    return Share(invoice, paid + lost, paid, ((WRITE_OFF, lost),)) if lost else Share.whole(invoice, paid)


def _settle(
    line: StatementLine, shares: Sequence[Share], payer: int, note: str, *, by: Actor, at: datetime
) -> Payment:
    [payment] = settlement.settle([Plan(line, payer, tuple(shares))], by=by, at=at)
    if line.counterparty_identifier:
        CounterpartyAccount.objects.get_or_create(
            identifier=line.counterparty_identifier, defaults={"organization_id": payer, "learnt_at": at}
        )
    match_record.close_cases([line.pk], note or f"settled by {payment.number}", by=by, at=at)
    return payment


def _write(line: StatementLine, shares: Sequence[Share], why: str, *, by: Actor) -> None:
    match = Match.objects.create(
        id=uuid7(),
        rule=BY_PERSON,
        rule_version="",
        explanation=why[:300],
        status="ACCEPTED",
        decided_by=str(by)[:150],
    )
    MatchMember.objects.bulk_create(
        [
            MatchMember(match=match, line=line, amount=line.amount),
            *(
                MatchMember(match=match, invoice=share.invoice, amount=share.amount, paid_amount=share.paid)
                for share in shares
            ),
        ]
    )


@unit_of_work()
def set_aside(line_id: int, *, note: str, by: Actor, at: datetime) -> StatementLine:
    """Book a bank line that is no dealer's payment (a fee, interest) to the account of items to be cleared.

    :raises Invalid: without a note. :raises IllegalTransition: when it was dealt with already.
    """
    if not note.strip():
        raise Invalid("say what the line is")
    line = _waiting(line_id, by)
    status = STATEMENT_LINE.next(line.status, "set_aside")
    suspense = Wanted(SUSPENSE, line.currency)
    keys = chart.accounts([suspense])
    minor = Money(line.amount, line.currency).minor
    entry = Entry(
        id=entry_id("set_aside", line.pk),
        book_id=chart.books()[MAIN],
        kind="bank_item",
        effective_date=line.value_date,
        booked_at=at,
        lines=(
            Line(line.bank_account.account_id, minor),
            Line(keys[suspense], -minor, f"bank_line:{line.pk}"),
        ),
        source_type="statement_line",
        source_id=str(line.pk),
        description=note,
    )
    ledger.post_late([entry], by=by)
    StatementLine.objects.filter(pk=line.pk).update(status=status)
    match_record.close_proposals([line.pk], "REJECTED", by=by)
    match_record.close_cases([line.pk], note, by=by, at=at)
    line.status = status
    return line
