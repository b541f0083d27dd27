"""A small house with goods in it, and the facts other apps tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from uuid import UUID

from b2b.catalog.models import Product
from b2b.contracts.logistics import CarriedShipment, DeliveredLine, DeliveryConfirmed, Departed
from b2b.contracts.orders import (
    Allocation,
    DespatchAdvised,
    DespatchedLine,
    OrderCancelled,
    OrderChanged,
    OrderConfirmed,
    OrderedLine,
    SupplyAllocated,
)
from b2b.contracts.warehousing import DemandLine
from b2b.core.actor import Actor, system
from b2b.core.ids import uuid7
from b2b.directory.models import Organization, Site
from tests.factories import catalog
from tests.factories.directory import organization, site
from warehousing.models import Location, Lot, Package, Quant, Receipt, Warehouse, Wave
from warehousing.services import demand, issue, movement, packing, picking, receipt, warehouse, wave

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
BY: Actor = system("test")
_numbers = count(1)


def product(**values: object) -> Product:
    """Create a product that weighs and fills something."""
    return catalog.product(**{"weight_g": 1000, "volume_cm3": 2000, **values})


@dataclass
class World:
    """An operator's warehouse, a dealer with a shop, a factory, a product."""

    warehouse: Warehouse
    dealer: Organization
    shop: Site
    factory: Organization
    product: Product
    places: dict[str, Location] = field(default_factory=dict)

    @classmethod
    def build(
        cls,
        *,
        operator: Organization | None = None,
        dealer: Organization | None = None,
        factory: Organization | None = None,
    ) -> World:
        operator, dealer = operator or organization("operator"), dealer or organization("dealer")
        house = warehouse.open_at(site(operator, "WAREHOUSE").pk)
        world = cls(house, dealer, site(dealer), factory or organization("factory"), product())
        world.places = {place.kind: place for place in house.locations.all()}
        return world

    def released(self, quantity: int = 4) -> Wave:
        """Send pickers for goods of a dealer."""
        self.stock(quantity)
        demand.cover([self.demand_line(quantity)], at=AT)
        return wave.release(self.warehouse.pk, by=BY, at=AT)

    def picked(self, quantity: int = 4) -> Wave:
        """Have goods of a dealer picked."""
        return picking.confirm(self.released(quantity).pk, by=BY, at=AT)

    def packed(self, quantity: int = 4) -> Package:
        """Have goods of a dealer packed into one package."""
        [package] = packing.pack(self.picked(quantity).pk, by=BY, at=AT)
        return package

    def gone(self, quantity: int = 4, *, short: int = 0) -> DeliveryConfirmed:
        """Let a package leave, and return what is told when all but `short` of it was taken at the door."""
        package = self.packed(quantity)
        line = package.lines.select_related("demand").order_by("line_number")[0]
        shipment = CarriedShipment(
            shipment_id=uuid7(),
            number=f"SH-{next(_numbers)}",
            dealer_id=self.dealer.pk,
            ship_to_site_id=self.shop.pk,
            package_ids=(package.pk,),
            lines=(),
        )
        departed = Departed(
            occurred_at=AT,
            trip_id=uuid7(),
            number="TR-1",
            carrier_id=1,
            warehouse_site_id=self.warehouse.site_id,
            shipments=(shipment,),
        )
        issue.depart(departed, by=BY, at=AT)
        arrived = DeliveredLine(
            order_id=line.demand.order_id,
            order_version=1,
            order_line_id=line.demand.order_line_id,
            product_id=line.product_id,
            delivered_quantity=quantity - short,
            short_quantity=short,
        )
        return DeliveryConfirmed(
            occurred_at=AT,
            shipment_id=shipment.shipment_id,
            number=shipment.number,
            dealer_id=self.dealer.pk,
            carrier_id=1,
            ship_to_site_id=self.shop.pk,
            delivered_at=AT,
            currency="CNY",
            freight_amount=Decimal(0),
            lines=(arrived,),
        )

    def expected(self, quantity: int = 10) -> Receipt:
        """Expect goods of the factory."""
        return receipt.expect(self.advice((self.product, quantity)), by=BY, at=AT)

    def stock(
        self,
        quantity: int,
        *,
        of: Product | None = None,
        lot: Lot | None = None,
        owner: Organization | None = None,
        at: datetime = AT,
    ) -> Quant:
        """Bring goods in from nowhere in particular."""
        item = of or self.product
        movement.post(
            [
                movement.Move(
                    product_id=item.pk,
                    source_id=self.places["SUPPLIER"].pk,
                    destination_id=self.places["STORAGE"].pk,
                    quantity=quantity,
                    lot_id=lot.pk if lot else None,
                    owner_id=owner.pk if owner else None,
                )
            ],
            at=at,
            document_type="test",
            document_id=uuid7(),
        )
        return Quant.objects.get(product=item, lot=lot, owner=owner, location=self.places["STORAGE"])

    def lot(self, expiry: date | None = None, *, of: Product | None = None) -> Lot:
        return Lot.objects.create(product=of or self.product, number=f"L{next(_numbers)}", expiry_date=expiry)

    def demand_line(self, quantity: int, *, of: Product | None = None, **fields: object) -> DemandLine:
        given = {
            "order_id": uuid7(),
            "order_version": 1,
            "order_line_id": next(_numbers),
            "dealer_id": self.dealer.pk,
            "product_id": (of or self.product).pk,
            "ship_to_site_id": self.shop.pk,
            "quantity": quantity,
        }
        return DemandLine(**{**given, **fields})  # type: ignore[arg-type]

    def order(
        self,
        *lines: tuple[Product, int],
        version: int = 1,
        order_id: UUID | None = None,
        dealer: Organization | None = None,
    ) -> OrderConfirmed:
        return OrderConfirmed(
            occurred_at=AT,
            order_id=order_id or uuid7(),
            number=f"SO-{next(_numbers)}",
            version=version,
            dealer_id=(dealer or self.dealer).pk,
            currency="CNY",
            payment_terms_days=30,
            lines=tuple(
                OrderedLine(
                    line_id=next(_numbers),
                    line_number=number,
                    product_id=item.pk,
                    quantity=quantity,
                    unit_price=Decimal(1),
                    tax_rate=Decimal("0.13"),
                    ship_to_site_id=self.shop.pk,
                )
                for number, (item, quantity) in enumerate(lines, start=1)
            ),
        )

    def changed(self, order: OrderConfirmed, quantities: Sequence[int], *, version: int = 2) -> OrderChanged:
        """The order with other quantities; fewer quantities than lines drop the last ones."""
        return OrderChanged(
            occurred_at=AT,
            order_id=order.order_id,
            number=order.number,
            version=version,
            dealer_id=order.dealer_id,
            currency=order.currency,
            payment_terms_days=30,
            reason="test",
            lines=tuple(
                OrderedLine(
                    line_id=line.line_id,
                    line_number=line.line_number,
                    product_id=line.product_id,
                    quantity=quantity,
                    unit_price=line.unit_price,
                    tax_rate=line.tax_rate,
                    ship_to_site_id=line.ship_to_site_id,
                )
                for line, quantity in zip(order.lines, quantities, strict=False)
            ),
        )

    def cancelled(self, order: OrderConfirmed, *, version: int = 9) -> OrderCancelled:
        return OrderCancelled(
            occurred_at=AT,
            order_id=order.order_id,
            number=order.number,
            version=version,
            dealer_id=order.dealer_id,
            reason="test",
        )

    def advice(
        self, *lines: tuple[Product, int], purchase_order_id: UUID | None = None, lot_number: str = ""
    ) -> DespatchAdvised:
        return DespatchAdvised(
            occurred_at=AT,
            despatch_advice_id=uuid7(),
            number=f"DA-{next(_numbers)}",
            purchase_order_id=purchase_order_id or uuid7(),
            purchase_order_number="PO-1",
            factory_id=self.factory.pk,
            warehouse_site_id=self.warehouse.site_id,
            expected_at=AT,
            lines=tuple(
                DespatchedLine(
                    purchase_order_line_id=next(_numbers),
                    line_number=number,
                    product_id=item.pk,
                    quantity=quantity,
                    lot_number=lot_number,
                )
                for number, (item, quantity) in enumerate(lines, start=1)
            ),
        )

    def sharing(
        self, purchase_order_id: UUID, *shares: tuple[OrderConfirmed, int], version: int = 1
    ) -> SupplyAllocated:
        """Allot quantities to the first lines of orders."""
        return SupplyAllocated(
            occurred_at=AT,
            purchase_order_id=purchase_order_id,
            version=version,
            warehouse_site_id=self.warehouse.site_id,
            allocations=tuple(
                Allocation(
                    order_line_id=order.lines[0].line_id,
                    order_id=order.order_id,
                    purchase_order_line_id=1,
                    product_id=order.lines[0].product_id,
                    dealer_id=order.dealer_id,
                    quantity=quantity,
                )
                for order, quantity in shares
            ),
        )
