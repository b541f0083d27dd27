"""What is told of what circulation costs, and of who gets what pooling saved."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from b2b.contracts.base import Event, Part


class SettledLine(Part):
    """What of a stated saving came true on the goods of one factory that one dealer received; the shares sum to it."""

    dealer_id: int
    factory_id: int
    product_id: int
    quantity: int
    baseline: Decimal
    pooled: Decimal
    dealer_share: Decimal
    platform_share: Decimal
    factory_share: Decimal


class SavingsSettled(Event):
    """A cycle is closed: what it saved on the goods that came is settled by its declared rule.

    Told to nobody outside: it names dealers beside each other. Each factory hears of its own share from finance.
    """

    topic: ClassVar[str] = "orders.savings.settled.v1"
    aggregate: ClassVar[str] = "cycle_id"

    cycle_id: UUID
    number: str
    currency: str
    lines: tuple[SettledLine, ...]


class SavingShareCredited(Event):
    """A factory is owed its share of what a closed cycle saved on its goods."""

    topic: ClassVar[str] = "finance.saving_share.credited.v1"
    aggregate: ClassVar[str] = "cycle_id"
    party_fields: ClassVar[tuple[str, ...]] = ("factory_id",)

    entry_id: UUID
    cycle_id: UUID
    number: str
    factory_id: int
    currency: str
    amount: Decimal


class LostStock(Part):
    """What of one product was lost, found (negative) or sent back, at its worth."""

    product_id: int
    amount: Decimal


class StockLost(Event):
    """Goods of the platform were lost, scrapped, found or sent back: what that costs was booked in one entry.

    `kind` is that of the entry; an entry that corrects an earlier worth is told like any other.
    """

    topic: ClassVar[str] = "finance.stock.lost.v1"
    aggregate: ClassVar[str] = "entry_id"

    entry_id: UUID
    kind: str
    day: date
    currency: str
    document_type: str
    document_id: UUID | None
    lines: tuple[LostStock, ...]


class FinancingCharged(Event):
    """What a financing cost its borrower up to a day was booked: interest, fees and late interest earned by the funder.

    `amount` is what this booking adds, negative where a payment that was entered late makes it less.
    """

    topic: ClassVar[str] = "finance.financing.charged.v1"
    aggregate: ClassVar[str] = "financing_id"
    party_fields: ClassVar[tuple[str, ...]] = ("borrower_id", "funder_id")

    entry_id: UUID
    financing_id: UUID
    number: str
    booking_number: int
    borrower_id: int
    funder_id: int
    day: date
    currency: str
    amount: Decimal
