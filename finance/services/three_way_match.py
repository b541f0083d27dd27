"""Match bills of factories with what was ordered and received, and owe what is right: any number in one go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from b2b.contracts.finance import SupplierInvoiceAnswered
from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid
from b2b.core.money import Money
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from finance.models import MatchLine, PurchaseTerms, SupplierInvoice, SupplierInvoiceLine
from finance.policies.three_way_match import (
    GOODS_AWAITED,
    MATCHED,
    RELEASABLE,
    VERSION,
    Judgement,
    Standing,
    judge,
    whole,
)
from finance.selectors import supplier_invoice as selectors
from finance.services import case, payable
from finance.services.case import Finding

WAITING: Final = ("RECEIVED", "HELD")
CASE_KIND: Final = "SUPPLIER_INVOICE"
_MOVED: Final = {
    "id": "uuid",
    "status": "text",
    "verdict": "text",
    "open_amount": "numeric",
    "entry_id": "uuid",
}


@dataclass(slots=True)
class _Judged:
    """A bill with what is said of each of its lines."""

    invoice: SupplierInvoice
    lines: list[tuple[SupplierInvoiceLine, Standing, Judgement]]
    verdict: str
    is_approved: bool


@unit_of_work()
def match(invoice_ids: Collection[UUID], *, by: Actor, at: datetime) -> list[SupplierInvoice]:
    """Match bills that wait; approve and post those that agree, hold the others; a constant number of statements.

    Each is told to its factory; what a person has to decide opens a case. Bills that are decided already are returned
    as they are.
    """
    return _match(invoice_ids, verb="approve", by=by, at=at)


@unit_of_work()
def match_waiting(
    terms: Collection[int], *, by: Actor, at: datetime, verdict: str = GOODS_AWAITED
) -> list[SupplierInvoice]:
    """Match again the bills that wait for goods of these purchase lines, or for what `verdict` says; "" for all."""
    # A bill that is being matched right now holds the terms: whoever comes second sees what the first wrote.
    lock(PurchaseTerms.objects.filter(pk__in=terms))
    waiting = SupplierInvoice.objects.filter(status="HELD", lines__terms_id__in=terms)
    waiting = waiting.filter(verdict=verdict) if verdict else waiting
    return match(set(waiting.values_list("pk", flat=True)), by=by, at=at)


@unit_of_work()
def release(invoice_id: UUID, *, reason: str, by: Actor, at: datetime) -> SupplierInvoice:
    """Approve a bill although it is too dear; the difference is booked as price variance.

    :raises Forbidden: for anyone but the operator.
    :raises Invalid: without a reason, or for goods that were not ordered or have not come.
    :raises IllegalTransition: when the bill does not wait.
    """
    _operators_only(by, reason)
    [invoice] = _match([invoice_id], verb="release", by=by, at=at, reason=reason)
    if invoice.status != "APPROVED":
        raise Invalid(
            f"{invoice.number} cannot be released: {invoice.verdict.replace('_', ' ').lower()}; "
            "only what is too dear can",
            verdict=invoice.verdict,
        )
    return invoice


@unit_of_work()
def reject(invoice_id: UUID, *, reason: str, by: Actor, at: datetime) -> SupplierInvoice:
    """Send a bill back to its factory; it owes nothing and may be sent again under a new number.

    :raises Forbidden: for anyone but the operator. :raises Invalid: without a reason.
    :raises IllegalTransition: when the bill does not wait.
    """
    _operators_only(by, reason)
    [invoice] = lock(SupplierInvoice.objects.filter(pk=invoice_id))
    invoice.advance("reject", by=by, at=at, reason=reason)
    publish(_told(invoice, reason, at=at))
    case.close([_case_key(invoice)], resolution=reason, by=by, at=at)
    return invoice


def _operators_only(by: Actor, reason: str) -> None:
    if not by.sees_all:
        raise Forbidden("bills are decided on by the operator")
    if not reason.strip():
        raise Invalid("say why")


def _match(
    invoice_ids: Collection[UUID], *, verb: str, by: Actor, at: datetime, reason: str = ""
) -> list[SupplierInvoice]:
    lines = list(SupplierInvoiceLine.objects.filter(invoice_id__in=invoice_ids).order_by("line_number"))
    terms = {line.terms_id for line in lines}
    lock(PurchaseTerms.objects.filter(pk__in=terms))
    invoices = lock(SupplierInvoice.objects.filter(pk__in=invoice_ids))
    waiting = [one for one in invoices if one.status in WAITING]
    if verb == "release":
        for one in invoices:
            one.machine.next(
                one.status, verb
            )  # what is decided already is not judged as if it came on top of itself
    if not waiting:
        return invoices
    judged = _judge(waiting, lines, is_release=verb == "release")
    entries = payable.post(
        [
            (one.invoice, [(line.terms_id, found) for line, _, found in one.lines])
            for one in judged
            if one.is_approved
        ],
        by=by,
        at=at,
    )
    _keep(judged, at=at)
    _move(judged, entries, verb=verb, by=by, at=at, reason=reason)
    _tell(judged, by=by, at=at)
    return invoices


def _judge(
    invoices: Sequence[SupplierInvoice], lines: Iterable[SupplierInvoiceLine], *, is_release: bool
) -> list[_Judged]:
    """Judge bill after bill; what one of them takes of a purchase line is gone for the next."""
    of_invoice: dict[UUID, list[SupplierInvoiceLine]] = {one.pk: [] for one in invoices}
    for line in lines:
        if line.invoice_id in of_invoice:
            of_invoice[line.invoice_id].append(line)
    standing = selectors.standings({line.terms_id for own in of_invoice.values() for line in own})
    tolerances = selectors.tolerances_of({one.factory_id for one in invoices})
    judged = []
    for invoice in sorted(invoices, key=lambda one: (one.issue_date, one.pk)):
        tolerance = tolerances[invoice.factory_id]
        ahead = dict(standing)
        found = []
        for line in of_invoice[invoice.pk]:
            before = ahead[line.terms_id]
            net = Money.of(line.net_amount, invoice.currency)
            said = judge(line.quantity, net, before, tolerance, line.tax_rate)
            ahead[line.terms_id] = replace(
                before, invoiced=before.invoiced + line.quantity, cleared=before.cleared + said.clears
            )
            found.append((line, before, said))
        extra = Money.of(invoice.extra_amount + invoice.rounding_amount, invoice.currency)
        verdict = whole([said for *_, said in found], extra, tolerance)
        is_approved = verdict == MATCHED or (is_release and verdict in RELEASABLE)
        if is_approved:
            standing = ahead
        judged.append(_Judged(invoice, found, verdict, is_approved))
    return judged


def _keep(judged: Iterable[_Judged], *, at: datetime) -> None:
    MatchLine.objects.bulk_create(
        MatchLine(
            line=line,
            factory_id=line.factory_id,
            terms_id=line.terms_id,
            ordered=before.ordered,
            accepted=before.accepted,
            invoiced_before=before.invoiced,
            quantity=line.quantity,
            agreed_price=before.agreed_price,
            verdict=said.verdict,
            reason=said.reason,
            rule_version=VERSION,
            cleared=said.clears,
            variance=said.variance,
            is_booked=one.is_approved,
            at=at,
        )
        for one in judged
        for line, before, said in one.lines
    )


def _move(
    judged: Iterable[_Judged], entries: dict[UUID, UUID], *, verb: str, by: Actor, at: datetime, reason: str
) -> None:
    rows, moves = [], []
    for one in judged:
        invoice = one.invoice
        step = verb if one.is_approved else "hold"
        before, invoice.status = invoice.status, invoice.machine.next(invoice.status, step)
        invoice.verdict, invoice.version, invoice.updated_at = one.verdict, invoice.version + 1, at
        if one.is_approved:
            invoice.open_amount = invoice.gross_amount + invoice.rounding_amount
            invoice.entry_id = entries[invoice.pk]
        rows.append((invoice.pk, invoice.status, invoice.verdict, invoice.open_amount, invoice.entry_id))
        moves.append((invoice, step, before, invoice.status))
    execute(
        f"""
        UPDATE finance_supplierinvoice kept SET status = given.status, verdict = given.verdict,
            open_amount = given.open_amount, entry_id = given.entry_id, version = kept.version + 1,
            updated_at = %(at)s
        FROM {unnest(_MOVED)} WHERE kept.id = given.id
        """,
        {**transpose(list(_MOVED), rows), "at": at},
    )
    record(moves, by=by, at=at, reason=reason)


def _tell(judged: Sequence[_Judged], *, by: Actor, at: datetime) -> None:
    publish(*(_told(one.invoice, _reason(one), at=at) for one in judged))
    held = [one for one in judged if not one.is_approved and one.verdict != GOODS_AWAITED]
    case.open_all([_finding(one) for one in held], by=by, at=at)
    done = [_case_key(one.invoice) for one in judged if one.is_approved]
    case.close(done, resolution="the bill is approved", by=by, at=at)


def _reason(one: _Judged) -> str:
    if one.verdict == MATCHED:
        return ""
    said = next((said.reason for *_, said in one.lines if said.verdict == one.verdict), "")
    return said or f"{one.invoice.extra_amount} of charges were not agreed"


def _case_key(invoice: SupplierInvoice) -> str:
    return f"supplier_invoice:{invoice.pk}"


def _finding(one: _Judged) -> Finding:
    invoice = one.invoice
    return Finding(
        kind=CASE_KIND,
        key=_case_key(invoice),
        reason=f"{one.verdict.replace('_', ' ').lower()}: {_reason(one)}",
        reference=invoice.number,
        currency=invoice.currency,
        amount=Decimal(invoice.gross_amount),
    )


def _told(invoice: SupplierInvoice, reason: str, *, at: datetime) -> SupplierInvoiceAnswered:
    return SupplierInvoiceAnswered(
        occurred_at=at,
        supplier_invoice_id=invoice.pk,
        number=invoice.number,
        supplier_number=invoice.supplier_number,
        factory_id=invoice.factory_id,
        status=invoice.status,
        verdict=invoice.verdict,
        reason=reason,
        currency=invoice.currency,
        payable_amount=invoice.gross_amount + invoice.rounding_amount,
        due_date=invoice.due_date,
    )
