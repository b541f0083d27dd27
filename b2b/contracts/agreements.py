"""What orders tells of agreements: blanket orders, quotations, and approvals that somebody waits for."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from b2b.contracts.base import Event, Part


class AgreedLine(Part):
    """A product of a blanket order: base units agreed on, price of one before tax."""

    line_number: int
    product_id: int
    quantity: int
    unit_price: Decimal


class BlanketOrderAgreed(Event):
    """A party agreed to take, or to make, quantities until a day; `is_upstream` when the platform is the buyer."""

    topic: ClassVar[str] = "orders.blanket_order.agreed.v1"
    aggregate: ClassVar[str] = "blanket_order_id"
    party_fields: ClassVar[tuple[str, ...]] = ("party_id",)

    blanket_order_id: UUID
    number: str
    party_id: int
    is_upstream: bool
    currency: str
    valid_from: date
    valid_to: date
    lines: tuple[AgreedLine, ...]


class ReleasedLine(Part):
    """What was called off of a line, and what may still be, in base units."""

    line_number: int
    product_id: int
    quantity: int
    left_quantity: int


class BlanketOrderReleased(Event):
    """A part of a blanket order was called off by an order, or by a purchase order."""

    topic: ClassVar[str] = "orders.blanket_order.released.v1"
    aggregate: ClassVar[str] = "blanket_order_id"
    party_fields: ClassVar[tuple[str, ...]] = ("party_id",)

    blanket_order_id: UUID
    number: str
    party_id: int
    release_number: int
    document_id: UUID
    document_number: str
    lines: tuple[ReleasedLine, ...]


class BlanketOrderEnded(Event):
    """A blanket order expired or was cancelled; what had been released stays ordered."""

    topic: ClassVar[str] = "orders.blanket_order.ended.v1"
    aggregate: ClassVar[str] = "blanket_order_id"
    party_fields: ClassVar[tuple[str, ...]] = ("party_id",)

    blanket_order_id: UUID
    number: str
    party_id: int
    status: str
    reason: str


class QuotationRequested(Event):
    """Somebody was asked to quote: a factory by the platform, or the platform by a dealer (`party_id` either way)."""

    topic: ClassVar[str] = "orders.quotation.requested.v1"
    aggregate: ClassVar[str] = "request_id"
    party_fields: ClassVar[tuple[str, ...]] = ("party_id",)

    request_id: UUID
    number: str
    party_id: int
    currency: str
    deadline_at: datetime


class QuotationReceived(Event):
    """A quotation came in, or a better one in its place; its prices stay out of the event."""

    topic: ClassVar[str] = "orders.quotation.received.v1"
    aggregate: ClassVar[str] = "quotation_id"
    party_fields: ClassVar[tuple[str, ...]] = ("party_id",)

    quotation_id: UUID
    number: str
    request_id: UUID
    party_id: int
    valid_until: date


class AwardedLine(Part):
    """What a supplier was awarded of a requested line, at its own price."""

    line_number: int
    product_id: int
    quantity: int
    unit_price: Decimal


class QuotationAwarded(Event):
    """A request was decided; each supplier is told what it won, and nothing of what others asked.

    No lines: the quotation lost.
    """

    topic: ClassVar[str] = "orders.quotation.awarded.v1"
    aggregate: ClassVar[str] = "quotation_id"
    party_fields: ClassVar[tuple[str, ...]] = ("party_id",)

    quotation_id: UUID
    number: str
    request_id: UUID
    party_id: int
    lines: tuple[AwardedLine, ...]


class ApprovalRequested(Event):
    """A document waits for somebody of the organisation to approve it; one event per tier that opens."""

    topic: ClassVar[str] = "orders.approval.requested.v1"
    aggregate: ClassVar[str] = "document_id"
    party_fields: ClassVar[tuple[str, ...]] = ("organization_id",)

    document_id: UUID
    document_number: str
    organization_id: int
    tier: int
    amount: Decimal
    currency: str
    roles: tuple[str, ...]
    approver_ids: tuple[int, ...]


class ApprovalDue(Event):
    """Nobody has decided for longer than the rule allows; the same people are asked again."""

    topic: ClassVar[str] = "orders.approval.due.v1"
    aggregate: ClassVar[str] = "step_id"
    party_fields: ClassVar[tuple[str, ...]] = ("organization_id",)

    step_id: UUID
    document_id: UUID
    document_number: str
    organization_id: int
    tier: int
    waiting_since: datetime


class ApprovalDecided(Event):
    """Somebody approved or declined a document, or the last approval made it binding (`is_final`)."""

    topic: ClassVar[str] = "orders.approval.decided.v1"
    aggregate: ClassVar[str] = "document_id"
    party_fields: ClassVar[tuple[str, ...]] = ("organization_id",)

    document_id: UUID
    document_number: str
    organization_id: int
    tier: int
    status: str
    reason: str
    is_final: bool
