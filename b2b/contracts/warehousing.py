"""What warehousing tells the others, and what it answers about stock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from b2b.contracts.base import Event, Part


@dataclass(frozen=True, slots=True)
class DemandLine:
    """An order line asking for stock: the question orders puts through its StockPosition port."""

    order_id: UUID
    order_version: int
    order_line_id: int
    dealer_id: int
    product_id: int
    ship_to_site_id: int
    quantity: int
    need_by_date: date | None = None


class ReceivedLine(Part):
    """Goods taken in against one purchase line, in base units; rejected goods stay in quarantine.

    `missing_quantity` was advised and not found: like rejected goods it does not come with this advice any more.
    """

    purchase_order_line_id: int
    product_id: int
    accepted_quantity: int
    rejected_quantity: int
    lot_number: str = ""
    missing_quantity: int = 0


class GoodsReceived(Event):
    """A receipt, or a part of one, was posted into the stock ledger (UBL ReceiptAdvice).

    Goods counted in parts, or held for an inspection first, are told part by part, each under a `receipt_id` of its
    own; the part that closes the receipt says what is missing. `inspection_id` names the inspection that decided.
    """

    topic: ClassVar[str] = "warehousing.goods.received.v1"
    aggregate: ClassVar[str] = "receipt_id"
    party_fields: ClassVar[tuple[str, ...]] = ("factory_id",)

    receipt_id: UUID
    number: str
    purchase_order_id: UUID
    factory_id: int
    warehouse_site_id: int
    lines: tuple[ReceivedLine, ...]
    inspection_id: UUID | None = None


class MovedStock(Part):
    """What one movement changed of the platform's own stock at one site, base units, negative for what left.

    `position` orders all movements as the stock ledger wrote them; a move between two sites is told of both, under one
    `movement` and position. `kind` is that of the movement. Received goods name their purchase order line, issued and
    returned ones their shipment, a correction the movement it takes back.
    """

    movement: UUID
    position: int
    product_id: int
    warehouse_site_id: int
    quantity: int
    kind: str
    document_id: UUID
    purchase_order_line_id: int | None = None
    shipment_id: UUID | None = None
    reverses: UUID | None = None


class StockMoved(Event):
    """Movements changed how much the platform owns; consigned goods, dealers' own and unaccepted ones are not told of.

    `occurred_at` is when they took effect, which for corrections may be long before `recorded_at`.
    """

    topic: ClassVar[str] = "warehousing.stock.moved.v1"
    aggregate: ClassVar[str] = "document_id"

    document_type: str
    document_id: UUID
    recorded_at: datetime
    lines: tuple[MovedStock, ...]


class PackedLine(Part):
    """What one package holds of one order line."""

    order_id: UUID
    order_version: int
    order_line_id: int
    product_id: int
    quantity: int


class PackedUnit(Part):
    """One labelled handling unit (GS1 logistic unit) ready to be carried.

    Weight and size are as measured, else as the packaging master says of a full pack, else of the goods and the house's
    box; sides are in mm, all 0 where nothing tells them. `pallet_sscc` is the pallet it stands on; `temperature`
    AMBIENT, CHILLED or FROZEN; `hazard` UN numbers.
    """

    package_id: UUID
    sscc: str
    dealer_id: int
    ship_to_site_id: int
    weight_g: int
    volume_cm3: int
    need_by_date: date | None
    lines: tuple[PackedLine, ...]
    kind: str = "CARTON"
    pallet_sscc: str = ""
    temperature: str = ""
    hazard: str = ""
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0


class PackagesReady(Event):
    """Packages stand staged at a warehouse and want a vehicle; route, carrier and cut-off where the wave had them."""

    topic: ClassVar[str] = "warehousing.packages.ready.v1"
    aggregate: ClassVar[str] = "wave_id"

    wave_id: UUID
    warehouse_site_id: int
    packages: tuple[PackedUnit, ...]
    route: str = ""
    carrier_id: int | None = None
    cut_off_at: datetime | None = None


class PackagePulled(Event):
    """A closed package does not go: what is in it was recalled, quarantined or pledged, or somebody said why.

    Its goods are back on their shelves, and its order lines wait for others; its SSCC is never used again.
    """

    topic: ClassVar[str] = "warehousing.package.pulled.v1"
    aggregate: ClassVar[str] = "package_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    package_id: UUID
    sscc: str
    wave_id: UUID
    warehouse_site_id: int
    dealer_id: int
    ship_to_site_id: int
    reason: str
    lines: tuple[PackedLine, ...]


class PickedShort(Event):
    """Goods of an order line are not where they should be, and no others are there, in base units.

    `quantity` is not promised any more; `supplied_quantity` of it had come by a purchase order for this line, the rest
    was free stock or was to come without being for anybody. A picker, a count, or a receipt that is called off told so;
    each telling has a `short_id` of its own.
    """

    topic: ClassVar[str] = "warehousing.pick.short.v1"
    aggregate: ClassVar[str] = "order_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    order_id: UUID
    order_line_id: int
    dealer_id: int
    product_id: int
    warehouse_site_id: int
    quantity: int
    supplied_quantity: int = 0
    short_id: UUID | None = None


class ReturnedLine(Part):
    """Goods of one order line that came back, in base units; `return_line_id` is null for goods refused at the door."""

    return_line_id: int | None
    order_line_id: int
    product_id: int
    shipment_id: UUID
    quantity: int


class ReturnReceived(Event):
    """Returned goods were counted and stand in quarantine; `return_id` is null for goods refused at the door."""

    topic: ClassVar[str] = "warehousing.return.received.v1"
    aggregate: ClassVar[str] = "return_receipt_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    return_receipt_id: UUID
    number: str
    return_id: UUID | None
    dealer_id: int
    warehouse_site_id: int
    lines: tuple[ReturnedLine, ...]


class DisposedLine(Part):
    """What became of returned goods, in base units; the parts are totals, not changes."""

    return_line_id: int | None
    order_line_id: int
    product_id: int
    restocked_quantity: int
    scrapped_quantity: int
    sent_back_quantity: int


class ReturnDisposed(Event):
    """Returned goods were inspected: back into stock, scrapped, or back to the factory."""

    topic: ClassVar[str] = "warehousing.return.disposed.v1"
    aggregate: ClassVar[str] = "return_receipt_id"

    return_receipt_id: UUID
    number: str
    return_id: UUID | None
    lines: tuple[DisposedLine, ...]


class ShippedLine(Part):
    """Goods a factory says it sent, in base units; the unit is named only where there is but one."""

    product_id: int
    quantity: int
    lot_number: str = ""
    sscc: str = ""


class GoodsShipped(Event):
    """A factory's EPCIS event says that goods of a purchase order left it; `shipping_id` is made of the event's."""

    topic: ClassVar[str] = "warehousing.goods.shipped.v1"
    aggregate: ClassVar[str] = "shipping_id"
    party_fields: ClassVar[tuple[str, ...]] = ("factory_id",)

    shipping_id: UUID
    event_id: str
    factory_id: int
    purchase_order_number: str
    shipped_at: datetime
    lines: tuple[ShippedLine, ...]


class RecalledGoods(Part):
    """Goods of a recalled lot that one dealer has or has under way, in base units."""

    product_id: int
    sku: str
    lot_number: str
    quantity: int
    delivered_quantity: int


class RecallNotified(Event):
    """A dealer is told that goods it got are recalled; every dealer gets a notice of its own."""

    topic: ClassVar[str] = "warehousing.recall.notified.v1"
    aggregate: ClassVar[str] = "notice_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id",)

    notice_id: UUID
    recall_id: UUID
    number: str
    dealer_id: int
    reason: str
    instruction: str
    goods: tuple[RecalledGoods, ...]
