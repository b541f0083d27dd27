"""What carriers' invoices come to: owed against what was accrued, or a case for a person."""

from __future__ import annotations

from datetime import datetime

from b2b.contracts.freight import FreightInvoiceAccepted, FreightInvoiceDisputed, FreightInvoiceRejected
from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.db.transactions import unit_of_work
from finance.policies.chart import FREIGHT, FREIGHT_ACCRUED, FREIGHT_PAYABLE, INPUT_TAX, MAIN
from finance.policies.entry import Entry, Line, entry_id
from finance.services import case, chart, ledger
from finance.services.chart import Wanted

KIND = "freight_invoice"


@unit_of_work()
def owe(event: FreightInvoiceAccepted, *, by: Actor, at: datetime) -> None:
    """Owe a carrier its invoice, once: what was accrued for its trips is cleared, the rest is freight of its own.

    A case that was open about the invoice is closed.
    """
    currency, carrier = event.currency, event.carrier_id
    amounts = {
        Wanted(FREIGHT_ACCRUED, currency, carrier): event.expected_amount,
        Wanted(FREIGHT, currency): event.net_amount - event.expected_amount,
        Wanted(INPUT_TAX, currency): event.tax_amount,
        Wanted(FREIGHT_PAYABLE, currency, carrier): -(event.net_amount + event.tax_amount),
    }
    legs = {account: Money.of(amount, currency).minor for account, amount in amounts.items() if amount}
    case.close([_key(event)], resolution="the invoice was accepted", by=by, at=at)
    if not legs:
        return
    keys = chart.accounts(legs)
    entry = Entry(
        id=entry_id(KIND, event.invoice_id),
        book_id=chart.books()[MAIN],
        kind=KIND,
        effective_date=event.issue_date,
        booked_at=at,
        lines=tuple(Line(keys[account], amount) for account, amount in legs.items()),
        source_type=KIND,
        source_id=str(event.invoice_id),
    )
    ledger.post_late([entry], by=by)


@unit_of_work()
def dispute(event: FreightInvoiceDisputed, *, by: Actor, at: datetime) -> None:
    """Open a case about a carrier's invoice that differs from its trips, once."""
    finding = case.Finding(
        KIND,
        _key(event),
        event.reason,
        reference=event.number,
        currency=event.currency,
        amount=event.difference,
    )
    case.open_all([finding], by=by, at=at)


@unit_of_work()
def drop(event: FreightInvoiceRejected, *, by: Actor, at: datetime) -> None:
    """Close the case about a carrier's invoice that was refused."""
    case.close([_key(event)], resolution="the invoice was rejected", by=by, at=at)


def _key(event: FreightInvoiceAccepted | FreightInvoiceDisputed | FreightInvoiceRejected) -> str:
    return f"{KIND}:{event.invoice_id}"
