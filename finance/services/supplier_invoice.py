"""Take a factory's bill: in full or not at all, once, and match it at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError, Invalid, Problem
from b2b.db import sequences
from b2b.db.locks import advisory_lock
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from finance.models import SupplierInvoice, SupplierInvoiceLine, SupplierInvoiceTax
from finance.policies import bill_number, en16931, tax_profile
from finance.policies.en16931 import Bill
from finance.selectors import supplier_invoice as selectors
from finance.services import chart, numbering, supplier_invoice_lines, three_way_match
from finance.services.supplier_invoice_lines import Claimed

PREFIX: Final = "SI"
NEAR_DAYS: Final = 14  # a copy with a changed number mostly follows within two weeks
OLDEST_YEARS: Final = 10  # no claim outlives that anywhere; an older date is a slip
DESK: Final = system("accounts payable")


class InvalidBill(Invalid):
    """The bill contradicts itself or names what is not the factory's; nothing of it was taken."""

    code = "invalid_bill"


class DuplicateBill(DomainError):
    """A bill of this number and date was taken before."""

    code = "duplicate_bill"


@unit_of_work()
def receive(
    bill: Bill, *, factory_id: int, by: Actor, at: datetime, fapiao_number: str = ""
) -> SupplierInvoice:
    """Take a bill and match it; it is then APPROVED, or HELD with a verdict.

    What looks like an earlier bill is taken and marked. The tax point of view is that of the factory's country.

    :raises InvalidBill: with every fault: row, element, remedy. :raises DuplicateBill: naming the one taken before.
    """
    with acting_as(DESK):
        factory = Organization.objects.get(pk=factory_id)
        advisory_lock(f"finance.supplier_invoice:{factory_id}")
        if known := selectors.of_number(factory_id, bill.number, bill.issue_date):
            raise DuplicateBill(
                f"bill {bill.number} of {bill.issue_date} was taken before as {known.number}",
                supplier_invoice_id=str(known.pk),
            )
        problems = [*_faults(bill, factory, fapiao_number, at), *en16931.broken_rules(bill)]
        claimed, unknown = supplier_invoice_lines.resolve(bill, factory_id)
        if problems or unknown:
            raise InvalidBill("The bill has faults; nothing was taken.", problems=[*problems, *unknown])
        invoice = _write(bill, factory, claimed, fapiao_number, at=at)
        record([(invoice, "receive", "", invoice.status)], by=by, at=at)
        return three_way_match.match([invoice.pk], by=by, at=at)[0]


def _faults(bill: Bill, factory: Organization, fapiao_number: str, at: datetime) -> list[Problem]:
    faults: list[Problem] = []
    totals = bill.totals
    if bill.issue_date > at.date() + timedelta(days=1):
        faults.append(
            Problem("future_date", "the bill is of a day to come", field="IssueDate",
                           remedy="send it on the day it is issued")
        )  # fmt: skip
    if totals.payable_amount <= 0:
        faults.append(
            Problem("nothing_payable", f"the bill comes to {totals.payable_amount}", field="PayableAmount",
                    remedy="send a credit note for what we are owed")
        )  # fmt: skip
    if totals.prepaid_amount:
        faults.append(
            Problem("prepaid", "nothing was paid in advance", field="PrepaidAmount",
                    remedy="bill the whole amount")
        )  # fmt: skip
    if abs(totals.rounding_amount) >= 1:
        faults.append(
            Problem("rounding", f"{totals.rounding_amount} is no rounding", field="PayableRoundingAmount",
                    remedy="state it as an allowance or a charge")
        )  # fmt: skip
    if bill.issue_date.year < at.year - OLDEST_YEARS:
        faults.append(
            Problem("past_date", f"nothing is owed any more of {bill.issue_date}", field="IssueDate",
                    remedy="give the day on which the bill was issued")
        )  # fmt: skip
    if not bill.number.isprintable():
        faults.append(
            Problem("bad_number", "the number holds characters that cannot be printed", field="ID",
                    remedy="write it as it stands on the bill")
        )  # fmt: skip
    profile = tax_profile.of_country(factory.country)
    taxed = [(line.tax, line.row or None) for line in bill.lines]
    taxed += [(one.tax, None) for one in (*bill.allowances, *bill.charges)]
    faults += profile.faults([how for how, _ in taxed], [row for _, row in taxed])
    faults += profile.number_faults(fapiao_number)
    return faults


def _write(
    bill: Bill, factory: Organization, claimed: Sequence[Claimed], fapiao_number: str, *, at: datetime
) -> SupplierInvoice:
    seller = chart.seller()
    [value] = numbering.take("supplier_invoice", seller, [factory.pk])
    totals = bill.totals
    key = bill_number.key(bill.number)
    invoice = SupplierInvoice.objects.create(
        number=sequences.number(PREFIX, seller.code.upper(), value),
        factory=factory,
        supplier_number=bill.number,
        number_key=key,
        fapiao_number=fapiao_number,
        currency=bill.currency,
        issue_date=bill.issue_date,
        due_date=bill.due_date or _due(bill.issue_date, factory),
        net_amount=totals.net_amount,
        tax_amount=totals.tax_amount,
        gross_amount=totals.gross_amount,
        extra_amount=totals.charge_amount - totals.allowance_amount,
        rounding_amount=totals.rounding_amount,
        looks_like=_earlier_copy(factory.pk, key, bill),
        created_at=at,
        updated_at=at,
    )
    SupplierInvoiceLine.objects.bulk_create(
        SupplierInvoiceLine(
            invoice=invoice,
            line_number=number,
            factory=factory,
            terms_id=one.terms_id,
            quantity=one.quantity,
            unit_price=one.unit_price,
            tax_category=one.tax.category,
            tax_rate=one.tax.rate,
            net_amount=one.net_amount,
        )
        for number, one in enumerate(claimed, 1)
    )
    SupplierInvoiceTax.objects.bulk_create(
        SupplierInvoiceTax(
            invoice=invoice,
            factory=factory,
            tax_category=part.category,
            tax_rate=part.tax_rate,
            taxable_amount=part.taxable_amount,
            tax_amount=part.tax_amount,
        )
        for part in totals.subtotals
    )
    return invoice


def _due(issue_date: date, factory: Organization) -> date:
    return issue_date + timedelta(days=factory.payment_terms_days)


def _earlier_copy(factory_id: int, key: str, bill: Bill) -> SupplierInvoice | None:
    """Return an earlier bill of the same number written otherwise, or of the same amount and nearly the same number."""
    rivals = selectors.like(
        factory_id,
        key=key,
        gross_amount=bill.totals.gross_amount,
        since=bill.issue_date - timedelta(days=NEAR_DAYS),
        until=bill.issue_date + timedelta(days=NEAR_DAYS),
    )
    return next((one for one in rivals if bill_number.are_near(one.number_key, key)), None)
