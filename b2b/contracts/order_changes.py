"""What orders tells of answers that are late, and of documents that change after they were sent."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from b2b.contracts.base import Event, Part
from b2b.contracts.orders import PurchaseLine


class PurchaseOrderResponseOverdue(Event):
    """A factory has not answered all lines by the deadline; told again, as a higher reminder, after the grace."""

    topic: ClassVar[str] = "orders.purchase_order.response_overdue.v1"
    aggregate: ClassVar[str] = "purchase_order_id"
    party_fields: ClassVar[tuple[str, ...]] = ("factory_id",)

    purchase_order_id: UUID
    number: str
    factory_id: int
    respond_by_at: datetime
    reminder: int
    open_lines: tuple[int, ...]


class PurchaseOrderChanged(Event):
    """Prices or quantities of a purchase order changed after it was placed; `lines` is all of it as it now stands."""

    topic: ClassVar[str] = "orders.purchase_order.changed.v1"
    aggregate: ClassVar[str] = "purchase_order_id"
    party_fields: ClassVar[tuple[str, ...]] = ("factory_id",)

    purchase_order_id: UUID
    number: str
    version: int
    factory_id: int
    currency: str
    reason: str
    lines: tuple[PurchaseLine, ...]


class DecidedPrice(Part):
    """What the operator said to a price above the tolerance, before tax."""

    line_id: int
    line_number: int
    agreed_unit_price: Decimal
    offered_unit_price: Decimal
    is_accepted: bool


class PurchasePricesDecided(Event):
    """The operator accepted or refused prices a factory asked for."""

    topic: ClassVar[str] = "orders.purchase_order.prices_decided.v1"
    aggregate: ClassVar[str] = "purchase_order_id"
    party_fields: ClassVar[tuple[str, ...]] = ("factory_id",)

    purchase_order_id: UUID
    number: str
    factory_id: int
    lines: tuple[DecidedPrice, ...]


class RequestedLine(Part):
    """How many base units of a purchase line are asked not to be made."""

    line_id: int
    line_number: int
    from_quantity: int
    to_quantity: int


class PurchaseOrderChangeRequested(Event):
    """The platform asks a factory to deliver less (UBL OrderChange); nothing changes before it accepts."""

    topic: ClassVar[str] = "orders.purchase_order_change.requested.v1"
    aggregate: ClassVar[str] = "change_id"
    party_fields: ClassVar[tuple[str, ...]] = ("factory_id",)

    change_id: UUID
    number: str
    purchase_order_id: UUID
    factory_id: int
    reason: str
    lines: tuple[RequestedLine, ...]


class PurchaseOrderChangeAnswered(Event):
    """The factory accepted or refused to deliver less."""

    topic: ClassVar[str] = "orders.purchase_order_change.answered.v1"
    aggregate: ClassVar[str] = "change_id"
    party_fields: ClassVar[tuple[str, ...]] = ("factory_id",)

    change_id: UUID
    number: str
    purchase_order_id: UUID
    factory_id: int
    is_accepted: bool


class SubstitutionOffered(Event):
    """A dealer is offered another product for what its factory cannot make; it decides, nothing happens before."""

    topic: ClassVar[str] = "orders.substitution.offered.v1"
    aggregate: ClassVar[str] = "substitution_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    substitution_id: UUID
    dealer_id: int
    order_id: UUID
    order_line_id: int
    product_id: int
    quantity: int
    substitute_quantity: int
    unit_price: Decimal
    promised_date: date
