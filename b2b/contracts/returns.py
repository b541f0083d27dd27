"""What orders tells the others after delivery: returns, claims on factories, and costs that are shared."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from b2b.contracts.base import Event, Part


class AuthorisedReturnLine(Part):
    """Delivered goods of one order line that may come back, with the shipment they came with."""

    return_line_id: int
    order_line_id: int
    product_id: int
    shipment_id: UUID
    quantity: int
    reason: str


class ReturnAuthorised(Event):
    """A dealer may send delivered goods back (RMA); the warehouse expects them."""

    topic: ClassVar[str] = "orders.return.authorised.v1"
    aggregate: ClassVar[str] = "return_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    return_id: UUID
    number: str
    order_id: UUID
    dealer_id: int
    warehouse_site_id: int
    lines: tuple[AuthorisedReturnLine, ...]


class ReturnRefused(Event):
    """A dealer's request to give goods back was refused."""

    topic: ClassVar[str] = "orders.return.refused.v1"
    aggregate: ClassVar[str] = "return_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    return_id: UUID
    number: str
    order_id: UUID
    dealer_id: int
    reason: str


class ClaimedLine(Part):
    """What was wrong with one purchase line; the cause is RETURNED, REJECTED or MISSING."""

    line_number: int
    purchase_order_line_id: int
    product_id: int
    cause: str
    quantity: int
    amount: Decimal


class ClaimRaised(Event):
    """The platform claims compensation from a factory for all that was wrong with a purchase order."""

    topic: ClassVar[str] = "orders.claim.raised.v1"
    aggregate: ClassVar[str] = "claim_id"
    party_fields: ClassVar[tuple[str, ...]] = ("factory_id",)

    claim_id: UUID
    number: str
    purchase_order_id: UUID
    purchase_order_number: str
    factory_id: int
    currency: str
    amount: Decimal
    lines: tuple[ClaimedLine, ...]


class SettledClaimLine(Part):
    """What the factory bears of one purchase line."""

    purchase_order_line_id: int
    quantity: int
    amount: Decimal


class PassedOn(Part):
    """The part of a settlement that is a dealer's, because nobody has refunded it."""

    dealer_id: int
    amount: Decimal


class ClaimSettled(Event):
    """A claim is settled: the factory owes `amount`; the dealers' parts are passed on, the rest is the platform's.

    Told to nobody outside: it names dealers.
    """

    topic: ClassVar[str] = "orders.claim.settled.v1"
    aggregate: ClassVar[str] = "claim_id"

    claim_id: UUID
    number: str
    purchase_order_id: UUID
    factory_id: int
    currency: str
    amount: Decimal
    lines: tuple[SettledClaimLine, ...]
    passed_on: tuple[PassedOn, ...]


class CostsShared(Event):
    """A cost voucher was shared, for the first time or anew; `amount` is what this dealer's goods now bear of it.

    A later fact of the same voucher replaces an earlier one.
    """

    topic: ClassVar[str] = "orders.costs.shared.v1"
    aggregate: ClassVar[str] = "voucher_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    voucher_id: UUID
    number: str
    version: int
    dealer_id: int
    kind: str
    currency: str
    amount: Decimal


class LandedCost(Part):
    """What the goods of one purchase line bear of a cost."""

    purchase_order_line_id: int
    amount: Decimal


class CostsLanded(Event):
    """A cost of a purchase order or cycle was shared over its goods, for the first time or anew (landed cost).

    A later fact of the same voucher replaces an earlier one; a line it does not name bears nothing of it any more.
    """

    topic: ClassVar[str] = "orders.costs.landed.v1"
    aggregate: ClassVar[str] = "voucher_id"

    voucher_id: UUID
    number: str
    version: int
    kind: str
    currency: str
    lines: tuple[LandedCost, ...]
