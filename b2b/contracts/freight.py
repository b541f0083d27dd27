"""What logistics tells of carriers' invoices: owed, in dispute, refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from b2b.contracts.base import Event, Part


class BilledTrip(Part):
    """What is owed for one trip, net."""

    trip_number: str
    amount: Decimal


class FreightInvoiceAccepted(Event):
    """A carrier's invoice agrees with its trips, or the operator took it as it is: it is owed.

    `expected_amount` is what the trips were to cost, net.
    """

    topic: ClassVar[str] = "logistics.freight_invoice.accepted.v1"
    aggregate: ClassVar[str] = "invoice_id"
    party_fields: ClassVar[tuple[str, ...]] = ("carrier_id",)

    invoice_id: UUID
    number: str
    carrier_id: int
    currency: str
    issue_date: date
    net_amount: Decimal
    tax_amount: Decimal
    expected_amount: Decimal
    trips: tuple[BilledTrip, ...]


class FreightInvoiceDisputed(Event):
    """A carrier's invoice differs from its trips beyond the tolerance; the operator has to decide."""

    topic: ClassVar[str] = "logistics.freight_invoice.disputed.v1"
    aggregate: ClassVar[str] = "invoice_id"
    party_fields: ClassVar[tuple[str, ...]] = ("carrier_id",)

    invoice_id: UUID
    number: str
    carrier_id: int
    currency: str
    difference: Decimal
    reason: str


class FreightInvoiceRejected(Event):
    """The operator refused a carrier's invoice; its trips may be billed anew."""

    topic: ClassVar[str] = "logistics.freight_invoice.rejected.v1"
    aggregate: ClassVar[str] = "invoice_id"
    party_fields: ClassVar[tuple[str, ...]] = ("carrier_id",)

    invoice_id: UUID
    number: str
    carrier_id: int
    reason: str
