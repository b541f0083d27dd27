"""What orders tells the others: demand, pooled supply, and who was allotted what."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from b2b.contracts.base import Event, Part


class OrderedLine(Part):
    """One order line as agreed: quantity in base units, unit price before tax, tax rate as a fraction.

    `returned_quantity` of the quantity was sent and not taken at the door, or came back: it is not sent again and not
    billed. `flex_up` is how much more a pool may still give the line: nobody sends or bills it yet, it holds credit.
    `factory_id` is who makes the goods, 0 where nobody was chosen.
    """

    line_id: int
    line_number: int
    product_id: int
    quantity: int
    unit_price: Decimal
    tax_rate: Decimal
    ship_to_site_id: int
    need_by_date: date | None = None
    returned_quantity: int = 0
    flex_up: int = 0
    factory_id: int = 0


class OrderConfirmed(Event):
    """A dealer's order passed price, rules and credit; the platform owes these goods.

    `waiting_amount` is what lines that wait for a pool to reach their highest price come to with tax, and what it may
    give them besides: they are no
    promise yet and not told of, but hold credit.
    """

    topic: ClassVar[str] = "orders.order.confirmed.v1"
    aggregate: ClassVar[str] = "order_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    order_id: UUID
    number: str
    version: int
    dealer_id: int
    currency: str
    payment_terms_days: int
    lines: tuple[OrderedLine, ...]
    waiting_amount: Decimal = Decimal(0)


class OrderChanged(Event):
    """Quantities or prices of a confirmed order changed; `lines` is the whole order as it now stands.

    `waiting_amount` as when it was confirmed.
    """

    topic: ClassVar[str] = "orders.order.changed.v1"
    aggregate: ClassVar[str] = "order_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    order_id: UUID
    number: str
    version: int
    dealer_id: int
    currency: str
    payment_terms_days: int
    reason: str
    lines: tuple[OrderedLine, ...]
    waiting_amount: Decimal = Decimal(0)


class OrderCancelled(Event):
    """A confirmed order was withdrawn before shipment."""

    topic: ClassVar[str] = "orders.order.cancelled.v1"
    aggregate: ClassVar[str] = "order_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    order_id: UUID
    number: str
    version: int
    dealer_id: int
    reason: str


class PurchaseLine(Part):
    """One pooled line; quantity in base units, unit price before tax."""

    line_id: int
    line_number: int
    product_id: int
    quantity: int
    unit_price: Decimal
    requested_date: date


class PurchaseOrderPlaced(Event):
    """A cycle closed and its pooled demand became one purchase order at a factory."""

    topic: ClassVar[str] = "orders.purchase_order.placed.v1"
    aggregate: ClassVar[str] = "purchase_order_id"
    party_fields: ClassVar[tuple[str, ...]] = ("factory_id",)

    purchase_order_id: UUID
    number: str
    factory_id: int
    warehouse_site_id: int
    currency: str
    lines: tuple[PurchaseLine, ...]


class ConfirmedLine(Part):
    """What the factory promises for one purchase line."""

    line_id: int
    line_number: int
    confirmed_quantity: int
    promised_date: date


class PurchaseOrderConfirmed(Event):
    """The factory answered; the quantity may be short. A later version replaces an earlier one."""

    topic: ClassVar[str] = "orders.purchase_order.confirmed.v1"
    aggregate: ClassVar[str] = "purchase_order_id"
    party_fields: ClassVar[tuple[str, ...]] = ("factory_id",)

    purchase_order_id: UUID
    number: str
    factory_id: int
    version: int
    lines: tuple[ConfirmedLine, ...]


class Allocation(Part):
    """The share of one purchase line that one order line was allotted, in base units."""

    order_line_id: int
    order_id: UUID
    purchase_order_line_id: int
    product_id: int
    dealer_id: int
    quantity: int


class PromisedLine(Part):
    """When the last delivery of a purchase line is promised."""

    purchase_order_line_id: int
    promised_date: date


class SupplyAllocated(Event):
    """Confirmed supply was shared over the pegs; replaces any earlier sharing of the same purchase order.

    `promised` are the dates of the lines that were answered.
    """

    topic: ClassVar[str] = "orders.supply.allocated.v1"
    aggregate: ClassVar[str] = "purchase_order_id"

    purchase_order_id: UUID
    version: int
    warehouse_site_id: int
    allocations: tuple[Allocation, ...]
    promised: tuple[PromisedLine, ...] = ()


class DespatchedLine(Part):
    """Goods of one purchase line on their way, with lot and handling unit when the factory says so."""

    purchase_order_line_id: int
    line_number: int
    product_id: int
    quantity: int
    lot_number: str = ""
    expiry_date: date | None = None
    sscc: str = ""


class DespatchedUnit(Part):
    """A handling unit on its way by its SSCC (GS1), and the one it stands on or in."""

    sscc: str
    parent_sscc: str = ""
    kind: str = "CARTON"


class DespatchAdvised(Event):
    """The factory sent goods and told what is in the truck (UBL DespatchAdvice).

    `units` are the handling units it described; lines may name others, that stand by themselves.
    """

    topic: ClassVar[str] = "orders.despatch_advice.received.v1"
    aggregate: ClassVar[str] = "despatch_advice_id"
    party_fields: ClassVar[tuple[str, ...]] = ("factory_id",)

    despatch_advice_id: UUID
    number: str
    purchase_order_id: UUID
    purchase_order_number: str
    factory_id: int
    warehouse_site_id: int
    expected_at: datetime
    lines: tuple[DespatchedLine, ...]
    units: tuple[DespatchedUnit, ...] = ()


class SignalledLine(Part):
    """A quantity of a product wanted in the week that starts on the given Monday."""

    line_number: int
    product_id: int
    week_start_date: date
    quantity: int
    commitment: str


class ProductionSignalRaised(Event):
    """Demand told a factory what to make next."""

    topic: ClassVar[str] = "orders.production_signal.raised.v1"
    aggregate: ClassVar[str] = "signal_id"
    party_fields: ClassVar[tuple[str, ...]] = ("factory_id",)

    signal_id: UUID
    number: str
    factory_id: int
    lines: tuple[SignalledLine, ...]


class SavedLine(Part):
    """What pooling saved on one product, in base units and amounts before tax; the shares sum to the saving."""

    product_id: int
    quantity: int
    baseline: Decimal
    pooled: Decimal
    dealer_share: Decimal
    platform_share: Decimal
    factory_share: Decimal


class SavingsStated(Event):
    """What pooling saved one dealer in one cycle, and how the saving was shared; the shares sum to it.

    `restates_id` is the statement whose place it takes, because the factory's price changed since. `factory_id` is the
    factory of the cycle, null where a cycle is of a category; `lines` sum to the statement.
    """

    topic: ClassVar[str] = "orders.savings.stated.v1"
    aggregate: ClassVar[str] = "statement_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    statement_id: UUID
    number: str
    dealer_id: int
    cycle_id: UUID
    currency: str
    baseline: Decimal
    pooled: Decimal
    dealer_share: Decimal
    platform_share: Decimal
    factory_share: Decimal
    restates_id: UUID | None = None
    cycle_number: str = ""
    factory_id: int | None = None
    lines: tuple[SavedLine, ...] = ()
