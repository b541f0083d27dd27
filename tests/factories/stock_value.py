"""Movements of the platform's own stock, as warehousing tells them, at prices that orders told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from b2b.catalog.models import Product
from b2b.contracts.order_changes import PurchaseOrderChanged
from b2b.contracts.orders import PurchaseLine, PurchaseOrderPlaced
from b2b.contracts.warehousing import MovedStock, StockMoved
from b2b.core.ids import uuid7
from b2b.directory.models import Organization, Site
from finance import handlers
from finance.models import JournalLine, StockValue
from tests.factories import catalog, finance
from tests.factories.directory import factory_organization, site

_numbers = count(1_000_001)


@dataclass
class Store:
    """Two sites of the operator and a product; every movement is told in an event of its own."""

    home: Site
    branch: Site
    product: Product
    maker: Organization
    at: datetime = finance.NOON
    told: list[StockMoved] = field(default_factory=list)

    @classmethod
    def build(cls) -> Store:
        platform = finance.operator()
        sites = (site(platform, "WAREHOUSE"), site(platform, "WAREHOUSE"))
        return cls(*sites, catalog.product(), factory_organization())

    def placed(self, price: str, *, quantity: int = 1_000, line: int | None = None) -> PurchaseOrderPlaced:
        """A purchase order of one line at a price."""
        return PurchaseOrderPlaced(
            purchase_order_id=uuid7(),
            number=f"PO-{next(_numbers)}",
            factory_id=self.maker.pk,
            warehouse_site_id=self.home.pk,
            currency="CNY",
            lines=(self._line(line or next(_numbers), quantity, price),),
            occurred_at=self.at,
        )

    def repriced(self, placed: PurchaseOrderPlaced, price: str, *, version: int = 1) -> PurchaseOrderChanged:
        """The same purchase order at another price."""
        [line] = placed.lines
        return PurchaseOrderChanged(
            purchase_order_id=placed.purchase_order_id,
            number=placed.number,
            version=version,
            factory_id=placed.factory_id,
            currency=placed.currency,
            reason="price",
            lines=(self._line(line.line_id, line.quantity, price),),
            occurred_at=self.at + timedelta(days=1),
        )

    def _line(self, key: int, quantity: int, price: str) -> PurchaseLine:
        return PurchaseLine(
            line_id=key,
            line_number=1,
            product_id=self.product.pk,
            quantity=quantity,
            unit_price=Decimal(price),
            requested_date=self.at.date(),
        )

    def moved(self, quantity: int, kind: str, *, there: Site | None = None, **fields: Any) -> StockMoved:
        """Tell of goods that came or went; with `there` of goods that left home for it."""
        self.at += timedelta(minutes=1)
        document: UUID = fields.pop("document_id", None) or uuid7()
        common = {
            "movement": fields.pop("movement", None) or uuid7(),
            "position": next(_numbers),
            "product_id": self.product.pk,
            "kind": kind,
            "document_id": document,
            **fields,
        }
        home = fields.pop("warehouse_site_id", self.home.pk)
        parts = [(home, quantity)] if there is None else [(home, -quantity), (there.pk, quantity)]
        moved = StockMoved(
            occurred_at=self.at,
            recorded_at=self.at,
            document_type="test",
            document_id=document,
            lines=tuple(
                MovedStock(**{**common, "warehouse_site_id": key, "quantity": part}) for key, part in parts
            ),
        )
        self.told.append(moved)
        return moved

    def received(self, quantity: int, placed: PurchaseOrderPlaced) -> StockMoved:
        return self.moved(quantity, "RECEIPT", purchase_order_line_id=placed.lines[0].line_id)

    def issued(self, quantity: int, *, shipment_id: UUID | None = None) -> StockMoved:
        return self.moved(-quantity, "ISSUE", shipment_id=shipment_id or uuid7())

    def back(self, quantity: int, shipment_id: UUID) -> StockMoved:
        return self.moved(quantity, "RETURN", shipment_id=shipment_id)

    def reversed(self, moved: StockMoved) -> StockMoved:
        """Take a movement back."""
        [line] = moved.lines
        return self.moved(-line.quantity, "CORRECTION", reverses=line.movement)


def tell(*events: Any) -> None:
    for event in events:
        {
            "StockMoved": handlers.value_stock,
            "PurchaseOrderPlaced": handlers.keep_prices,
            "PurchaseOrderChanged": handlers.change_prices,
        }[type(event).__name__](event)


def books() -> Counter[str]:
    """Return the balances of the main book by the name of the account."""
    found: Counter[str] = Counter()
    lines = JournalLine.objects.filter(account__book__code="MAIN").select_related("account")
    for line in lines:
        found[line.account.name] += line.amount
    return Counter({name: amount for name, amount in found.items() if amount})


def worth(store: Store, site: Any = None) -> tuple[int, int]:
    stock = StockValue.objects.get(product=store.product, warehouse_site=site or store.home)
    return stock.quantity, stock.value
