"""Invoices of carriers: taken once, matched with the trips, accepted or disputed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from b2b.contracts.freight import (
    BilledTrip,
    FreightInvoiceAccepted,
    FreightInvoiceDisputed,
    FreightInvoiceRejected,
)
from b2b.core.actor import CARRIER, Actor, acting_as, system
from b2b.core.errors import DomainError, Forbidden, Invalid, Problem
from b2b.core.ids import uuid7
from b2b.core.money import round_to_currency
from b2b.db.locks import advisory_lock, lock, lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from logistics import states
from logistics.models import FreightInvoice, FreightInvoiceLine, Trip
from logistics.policies import freight_match
from logistics.policies.freight_match import FINDINGS, Judged
from logistics.selectors import freight

MOST_LINES: Final = 5_000


class InvoiceKnown(DomainError):
    """An invoice of this number was sent before, with other content."""

    code = "invoice_known"


@dataclass(frozen=True, slots=True)
class Bill:
    """What a carrier asks: per trip, net; the tax on all of it; `carrier_id` whom it is from."""

    carrier_id: int
    number: str
    issue_date: date
    currency: str
    lines: Sequence[tuple[str, Decimal]]
    tax_amount: Decimal = Decimal(0)

    @property
    def net_amount(self) -> Decimal:
        """What all lines come to."""
        return sum((amount for _, amount in self.lines), Decimal(0))


@unit_of_work()
def receive(bill: Bill, *, by: Actor, at: datetime) -> FreightInvoice:
    """Take a carrier's invoice and match it with the trips; sent again as it was, return what there is.

    :raises Forbidden: when somebody else's invoice is sent. :raises Invalid: for what does not add up, line by line.
    :raises InvoiceKnown: when the number was used for something else.
    """
    if not (by.sees_all or (by.kind == CARRIER and by.organization_id == bill.carrier_id)):
        raise Forbidden("a carrier sends its own invoices")
    if problems := _faults(bill, at):
        raise Invalid("the invoice cannot be taken", problems=problems)
    advisory_lock(f"logistics.freight_invoice:{bill.carrier_id}")
    known = FreightInvoice.objects.filter(carrier_id=bill.carrier_id, number=bill.number).first()
    if known is not None:
        return _same(known, bill)
    trips = lock(
        Trip.objects.filter(carrier_id=bill.carrier_id, number__in=[number for number, _ in bill.lines])
    )
    with acting_as(system("freight")):  # what holds for all carriers is none's to read
        tolerance = freight.tolerance(bill.carrier_id)
    judged = freight_match.judge(bill.lines, freight.driven(trips), bill.currency, tolerance)
    made = _write(bill, judged, {trip.number: trip for trip in trips}, by=by, at=at)
    if any(line.finding for line in judged):
        _dispute(made, judged, by=by, at=at)
    else:
        _accept(made, by=by, at=at, reason="")
    return made


@unit_of_work()
def accept(invoice_id: UUID, *, by: Actor, at: datetime, reason: str) -> FreightInvoice:
    """Owe a disputed invoice as it was sent, for a reason.

    :raises Forbidden: unless the operator or the platform decides. :raises IllegalTransition: when it is decided.
    :raises Invalid: when a trip of it is unknown, not driven or billed already: that is never owed.
    """
    made = _decide(invoice_id, by)
    findings = FreightInvoiceLine.objects.filter(invoice=made).exclude(
        finding__in=["", freight_match.TOO_MUCH, freight_match.TOO_LITTLE]
    )
    if wrong := [
        Problem(line.finding.lower(), f"{line.trip_number}: {FINDINGS[line.finding]}") for line in findings
    ]:
        raise Invalid("the invoice cannot be owed; reject it and ask for another", problems=wrong)
    _accept(made, by=by, at=at, reason=reason)
    return made


@unit_of_work()
def reject(invoice_id: UUID, *, by: Actor, at: datetime, reason: str) -> FreightInvoice:
    """Refuse a disputed invoice; its trips may be billed anew.

    :raises Forbidden: unless the operator or the platform decides. :raises IllegalTransition: when it is decided.
    """
    made = _decide(invoice_id, by)
    made.advance("reject", by=by, at=at, reason=reason)
    publish(
        FreightInvoiceRejected(
            occurred_at=at, invoice_id=made.pk, number=made.number, carrier_id=made.carrier_id, reason=reason
        )
    )
    return made


def _decide(invoice_id: UUID, by: Actor) -> FreightInvoice:
    if not by.sees_all:
        raise Forbidden("only the operator decides on invoices")
    return lock_one(FreightInvoice.objects.filter(pk=invoice_id))


def _faults(bill: Bill, at: datetime) -> list[Problem]:
    problems = []
    if not bill.number.strip():
        problems.append(Problem("required", "an invoice has a number", "/number"))
    if bill.issue_date > at.date():
        problems.append(Problem("in_the_future", "the date of issue is to come", "/issue_date"))
    if bill.tax_amount < 0:
        problems.append(Problem("negative", "tax is not negative", "/tax_amount"))
    if not 1 <= len(bill.lines) <= MOST_LINES:
        problems.append(Problem("size", f"1 to {MOST_LINES} trips make an invoice", "/lines"))
    seen: set[str] = set()
    for row, (number, amount) in enumerate(bill.lines):
        if number in seen:
            problems.append(Problem("twice", f"trip {number} is there twice", f"/lines/{row}/trip"))
        seen.add(number)
        if amount < 0:
            problems.append(Problem("negative", "an amount is not negative", f"/lines/{row}/amount"))
        elif round_to_currency(amount, bill.currency) != amount:
            problems.append(
                Problem("too_fine", f"finer than {bill.currency} is paid", f"/lines/{row}/amount")
            )
    return problems


def _same(known: FreightInvoice, bill: Bill) -> FreightInvoice:
    lines = dict(FreightInvoiceLine.objects.filter(invoice=known).values_list("trip_number", "amount"))
    told = (bill.currency, bill.issue_date, bill.tax_amount, dict(bill.lines))
    if (known.currency, known.issue_date, known.tax_amount, lines) != told:
        raise InvoiceKnown(f"{bill.number} was sent before with other content; give it another number")
    return known


def _write(
    bill: Bill, judged: Sequence[Judged], trips: dict[str, Trip], *, by: Actor, at: datetime
) -> FreightInvoice:
    made = FreightInvoice(
        id=uuid7(), carrier_id=bill.carrier_id, number=bill.number, currency=bill.currency,
        issue_date=bill.issue_date, net_amount=bill.net_amount, tax_amount=bill.tax_amount,
        gross_amount=bill.net_amount + bill.tax_amount,
        expected_amount=sum((line.expected_amount for line in judged), Decimal(0)),
        created_at=at, updated_at=at,
    )  # fmt: skip
    made.save(force_insert=True)
    FreightInvoiceLine.objects.bulk_create(
        FreightInvoiceLine(
            invoice=made, carrier_id=bill.carrier_id, trip=trips.get(line.trip_number), trip_number=line.trip_number,
            amount=line.amount, expected_amount=line.expected_amount, finding=line.finding,
        )
        for line in judged
    )  # fmt: skip
    record([(made, "receive", "", states.RECEIVED)], by=by, at=at)
    return made


def _dispute(made: FreightInvoice, judged: Sequence[Judged], *, by: Actor, at: datetime) -> None:
    wrong = [line for line in judged if line.finding]
    reason = "; ".join(f"{line.trip_number}: {FINDINGS[line.finding]}" for line in wrong)[:300]
    made.advance("dispute", by=by, at=at, reason=reason)
    publish(
        FreightInvoiceDisputed(
            occurred_at=at, invoice_id=made.pk, number=made.number, carrier_id=made.carrier_id, reason=reason,
            currency=made.currency, difference=made.net_amount - made.expected_amount,
        )
    )  # fmt: skip


def _accept(made: FreightInvoice, *, by: Actor, at: datetime, reason: str) -> None:
    made.advance("accept", by=by, at=at, reason=reason)
    lines = FreightInvoiceLine.objects.filter(invoice=made).order_by("trip_number")
    publish(
        FreightInvoiceAccepted(
            occurred_at=at, invoice_id=made.pk, number=made.number, carrier_id=made.carrier_id,
            currency=made.currency, issue_date=made.issue_date, net_amount=made.net_amount,
            tax_amount=made.tax_amount, expected_amount=made.expected_amount,
            trips=tuple(BilledTrip(trip_number=line.trip_number, amount=line.amount) for line in lines),
        )
    )  # fmt: skip
