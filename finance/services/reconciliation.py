"""Match bank lines to invoices: what is certain is posted, what is not is proposed, the rest becomes a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid, NotFound
from b2b.core.money import Money
from b2b.db.bulk import fetch
from b2b.db.locks import advisory_lock, lock, lock_one
from b2b.db.models import advance_all
from b2b.db.transactions import unit_of_work
from finance.models import (
    Case,
    CounterpartyAccount,
    Invoice,
    MatchProposal,
    Payment,
    ReconciliationRun,
    StatementLine,
)
from finance.policies import matching
from finance.policies.chart import MAIN, SUSPENSE
from finance.policies.entry import Entry, Line, entry_id
from finance.policies.matching import CASE, POST, PROPOSE, RULE_VERSION, Credit, Decision, OpenInvoice
from finance.services import case, chart, ledger, settlement
from finance.services.case import Finding
from finance.services.chart import Wanted
from finance.services.settlement import Plan
from finance.states import STATEMENT_LINE

SHOWN_ALTERNATIVES = 10


@unit_of_work()
def match(*, by: Actor, at: datetime) -> ReconciliationRun:
    """Match every bank line that waits; one run at a time, and the same lines give the same result.

    Lines with a case are looked at again, because their invoice may have been issued since; a proposal waits for a
    person.

    :raises Forbidden: for anyone but the operator.
    """
    if not by.sees_all:
        raise Forbidden("reconciliation is the operator's")
    advisory_lock("finance.reconciliation")
    lines = {line.pk: line for line in lock(StatementLine.objects.filter(status__in=("OPEN", "IN_CASE")))}
    received = _credits(lines)
    invoices = {invoice.pk: invoice for invoice in lock(Invoice.objects.filter(pk__in=_candidates(received)))}
    decisions = matching.decide(received, _open(invoices))
    run = ReconciliationRun.objects.create(
        what="bank",
        rule_version=RULE_VERSION,
        started_at=at,
        run_by=str(by)[:150],
        examined=len(lines),
        matched=sum(decision.action == POST for decision in decisions),
        proposed=sum(decision.action == PROPOSE for decision in decisions),
    )
    _write_proposals(decisions, run)
    plans = [_plan(decision, lines, invoices) for decision in decisions if decision.action == POST]
    was_in_case = [plan.line.pk for plan in plans if plan.line.status == "IN_CASE"]
    settlement.settle(plans, by=by, at=at)
    _close_cases(was_in_case, "matched by a later run", by=by, at=at)
    doubted = [line for line in lines.values() if line.amount < 0]
    opened = case.open_all(_findings(decisions, doubted, lines), by=by, at=at, run_id=run.pk)
    _mark(decisions, doubted)
    if opened:
        run.cases = len(opened)
        run.save(update_fields=["cases"])
    return run


def _credits(lines: Mapping[int, StatementLine]) -> list[Credit]:
    accounts = {line.counterparty_identifier for line in lines.values() if line.counterparty_identifier}
    payers = dict(
        CounterpartyAccount.objects.filter(identifier__in=accounts).values_list(
            "identifier", "organization_id"
        )
    )
    known = [matching.series(matching.PREFIX, code) for code in chart.seller_codes()]
    return [
        Credit(
            line_id=line.pk,
            currency=line.currency,
            amount=line.amount,
            references=matching.references(
                f"{line.structured_reference} | {line.remittance_text} | {line.end_to_end_id}", known
            ),
            payer_id=payers.get(line.counterparty_identifier),
        )
        for line in lines.values()
        if line.amount > 0
    ]


def _candidates(received: Sequence[Credit]) -> list[UUID]:
    """Return the invoices that are named, or open over exactly an amount received; one statement."""
    rows = fetch(
        """
        SELECT invoice.id FROM finance_invoice invoice
        WHERE invoice.reference_key IN (SELECT unnest(%(keys)s::text[]))
        UNION
        SELECT invoice.id FROM finance_invoice invoice
        JOIN (SELECT DISTINCT currency, amount
              FROM unnest(%(currencies)s::text[], %(amounts)s::numeric[]) AS given(currency, amount)) given
            ON given.currency = invoice.currency AND given.amount = invoice.open_amount
        WHERE invoice.open_amount > 0
        """,
        {
            "keys": sorted({key for credit in received for key in credit.references}),
            "currencies": [credit.currency for credit in received],
            "amounts": [credit.amount for credit in received],
        },
    )
    return [key for (key,) in rows]


def _open(invoices: Mapping[UUID, Invoice]) -> list[OpenInvoice]:
    return [
        OpenInvoice(
            invoice_id=invoice.pk,
            reference_key=invoice.reference_key,
            dealer_id=invoice.dealer_id,
            currency=invoice.currency,
            open_amount=invoice.open_amount,
        )
        for invoice in sorted(invoices.values(), key=lambda one: (one.due_date, one.number))
    ]


def _plan(decision: Decision, lines: Mapping[int, StatementLine], invoices: Mapping[UUID, Invoice]) -> Plan:
    parts = tuple((invoices[part.invoice.invoice_id], part.amount) for part in decision.parts)
    return Plan(lines[decision.credit.line_id], decision.parts[0].invoice.dealer_id, parts)


def _write_proposals(decisions: Sequence[Decision], run: ReconciliationRun) -> None:
    MatchProposal.objects.bulk_create(
        MatchProposal(
            line_id=decision.credit.line_id,
            invoice_id=part.invoice.invoice_id,
            run=run,
            amount=part.amount,
            rule=decision.rule,
            explanation=decision.explanation[:300],
            alternatives=decision.alternatives,
            status="ACCEPTED" if decision.action == POST else "PROPOSED",
        )
        for decision in decisions
        if decision.action != CASE
        for part in decision.parts[: None if decision.action == POST else SHOWN_ALTERNATIVES]
    )


def _findings(
    decisions: Sequence[Decision], doubted: Sequence[StatementLine], lines: Mapping[int, StatementLine]
) -> list[Finding]:
    found = []
    for decision in decisions:
        line = lines[decision.credit.line_id]
        if decision.action == CASE:
            found.append(_finding("UNMATCHED_RECEIPT", line, decision.explanation, line.amount))
        elif decision.action == POST and decision.left:
            why = f"{decision.left} {line.currency} more than was open; kept as an advance"
            found.append(_finding("OVERPAYMENT", line, why, decision.left))
    found += [
        _finding("UNEXPLAINED_DEBIT", line, "money went out that nothing here asked for", line.amount)
        for line in doubted
    ]
    return found


def _finding(kind: str, line: StatementLine, reason: str, amount: Decimal) -> Finding:
    return Finding(
        kind=kind,
        key=f"bank_line:{line.pk}:{kind}",
        reason=reason,
        reference=f"{line.booking_date} {line.counterparty_name or line.counterparty_identifier}".strip(),
        currency=line.currency,
        amount=amount,
        statement_line_id=line.pk,
    )


def _mark(decisions: Sequence[Decision], doubted: Sequence[StatementLine]) -> None:
    proposed = [decision.credit.line_id for decision in decisions if decision.action == PROPOSE]
    in_case = [decision.credit.line_id for decision in decisions if decision.action == CASE]
    in_case += [line.pk for line in doubted]
    StatementLine.objects.filter(pk__in=proposed).update(status="PROPOSED")
    StatementLine.objects.filter(pk__in=in_case, status="OPEN").update(status="IN_CASE")


def _close_cases(line_ids: Sequence[int], resolution: str, *, by: Actor, at: datetime) -> None:
    if not line_ids:
        return
    found = lock(
        Case.objects.filter(statement_line_id__in=line_ids, status="OPEN").exclude(kind="OVERPAYMENT")
    )
    advance_all(found, "resolve", by=by, at=at, reason=resolution, resolution=resolution, resolved_at=at)


def _waiting(line_id: int, by: Actor) -> StatementLine:
    if not by.sees_all:
        raise Forbidden("reconciliation is the operator's")
    advisory_lock("finance.reconciliation")
    return lock_one(StatementLine.objects.filter(pk=line_id))


@unit_of_work()
def resolve(
    line_id: int,
    *,
    allocations: Mapping[UUID, Decimal],
    by: Actor,
    at: datetime,
    dealer_id: int | None = None,
    note: str = "",
) -> Payment:
    """Say which invoices a bank line pays; the rest is kept as the dealer's advance, and the payer is remembered.

    :raises NotFound: when a line or an invoice does not exist. :raises Invalid: when nobody is named as the payer.
    :raises OverAllocated: when the line or an invoice does not hold that much.
    """
    line = _waiting(line_id, by)
    invoices = {invoice.pk: invoice for invoice in lock(Invoice.objects.filter(pk__in=allocations))}
    missing = set(allocations) - set(invoices)
    if missing:
        raise NotFound(f"there is no invoice {min(map(str, missing))}")
    owners = sorted({invoice.dealer_id for invoice in invoices.values()})
    payer = dealer_id or (owners[0] if owners else None)
    if payer is None:
        raise Invalid("name the dealer who paid, or invoices")
    parts = tuple((invoices[key], amount) for key, amount in allocations.items())
    [payment] = settlement.settle([Plan(line, payer, parts)], by=by, at=at)
    MatchProposal.objects.filter(line=line, status="PROPOSED").exclude(invoice_id__in=invoices).update(
        status="REJECTED"
    )
    MatchProposal.objects.filter(line=line, status="PROPOSED").update(status="ACCEPTED")
    if line.counterparty_identifier:
        CounterpartyAccount.objects.get_or_create(
            identifier=line.counterparty_identifier, defaults={"organization_id": payer, "learnt_at": at}
        )
    _close_cases([line.pk], note or f"settled by {payment.number}", by=by, at=at)
    return payment


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
    ledger.post([entry], by=by)
    StatementLine.objects.filter(pk=line.pk).update(status=status)
    MatchProposal.objects.filter(line=line, status="PROPOSED").update(status="REJECTED")
    _close_cases([line.pk], note, by=by, at=at)
    line.status = status
    return line
