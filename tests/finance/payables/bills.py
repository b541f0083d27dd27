"""Purchase orders, receipts and bills of one factory, made the way the others would tell of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from itertools import count

from b2b.contracts.order_changes import PurchaseOrderChanged
from b2b.contracts.orders import PurchaseLine, PurchaseOrderPlaced
from b2b.contracts.warehousing import MovedStock, StockMoved
from b2b.core.actor import acting_as
from b2b.core.ids import uuid7
from finance import handlers
from finance.policies import tax
from finance.policies.en16931 import Bill, BilledLine
from finance.policies.tax import Amount, Tax
from finance.services import supplier_invoice
from tests.factories import catalog
from tests.factories.directory import actor, site
from tests.factories.finance import NOON, PLATFORM, operator

STANDARD = Tax("S", Decimal("0.13"))
serial = count(1)


class Purchase:
    """A purchase order of (quantity, unit price) lines at a factory."""

    def __init__(self, factory, *lines: tuple[int, str]) -> None:
        self.site = site(operator(), "WAREHOUSE")
        number = next(serial)
        self.factory, self.id, self.number = factory, uuid7(), f"PO-T-{number}"
        self.lines = [
            PurchaseLine(
                line_id=number * 1000 + n,
                line_number=n,
                product_id=catalog.product().pk,
                quantity=quantity,
                unit_price=Decimal(price),
                requested_date=NOON.date(),
            )
            for n, (quantity, price) in enumerate(lines, 1)
        ]
        with acting_as(PLATFORM):
            handlers.keep_prices(
                PurchaseOrderPlaced(
                    purchase_order_id=self.id, number=self.number, factory_id=factory.pk, warehouse_site_id=1,
                    currency="CNY", lines=tuple(self.lines), occurred_at=NOON,
                )
            )  # fmt: skip

    def receive(self, *quantities: int) -> StockMoved:
        """Take in quantities, line by line."""
        return self._moved(
            MovedStock(
                movement=uuid7(), position=next(serial), product_id=line.product_id,
                warehouse_site_id=self.site.pk, quantity=quantity, kind="RECEIPT", document_id=uuid7(),
                purchase_order_line_id=line.line_id,
            )
            for line, quantity in zip(self.lines, quantities, strict=False)
            if quantity
        )  # fmt: skip

    def take_back(self, received: StockMoved) -> StockMoved:
        """Correct a receipt that was a mistake."""
        return self._moved(
            MovedStock(
                movement=uuid7(), position=next(serial), product_id=line.product_id,
                warehouse_site_id=line.warehouse_site_id, quantity=-line.quantity, kind="CORRECTION",
                document_id=uuid7(), reverses=line.movement,
            )
            for line in received.lines
        )  # fmt: skip

    def _moved(self, lines: Iterable[MovedStock]) -> StockMoved:
        moved = StockMoved(
            document_type="receipt",
            document_id=uuid7(),
            occurred_at=NOON,
            recorded_at=NOON,
            lines=tuple(lines),
        )
        with acting_as(PLATFORM):
            handlers.value_stock(moved)
        return moved

    def reprice(self, price: str, *, version: int = 1, quantity: int = 0) -> None:
        """Change the price of every line, and the quantity where one is given."""
        with acting_as(PLATFORM):
            handlers.change_prices(
                PurchaseOrderChanged(
                    purchase_order_id=self.id, number=self.number, version=version, factory_id=self.factory.pk,
                    currency="CNY", reason="price", occurred_at=NOON,
                    lines=tuple(
                        PurchaseLine(
                            line_id=line.line_id, line_number=line.line_number, product_id=line.product_id,
                            quantity=quantity or line.quantity, unit_price=Decimal(price), requested_date=NOON.date(),
                        )
                        for line in self.lines
                    ),
                )
            )  # fmt: skip

    def bill(
        self, *billed: tuple[int, str], number: str = "", charges: tuple[Amount, ...] = (), **values
    ) -> Bill:
        """Return a bill over (quantity, unit price), line by line; a quantity of 0 leaves the line out."""
        lines = tuple(
            BilledLine(
                row=n, number=str(n), quantity=Decimal(quantity), unit_price=Decimal(price),
                net_amount=tax.line_net(quantity, Decimal(price), "CNY"), tax=STANDARD, order=self.number,
                order_line=str(n),
            )
            for n, (quantity, price) in enumerate(billed, 1)
            if quantity
        )  # fmt: skip
        totals = tax.totals_of([Amount(one.tax, one.net_amount) for one in lines], "CNY", charges=charges)
        common = {
            "number": number or f"F-{next(serial)}",
            "issue_date": NOON.date(),
            "due_date": NOON.date() + timedelta(days=30),
            "currency": "CNY",
            "lines": lines,
            "totals": totals,
            "charges": charges,
        }
        return Bill(**{**common, **values})

    def send(self, bill: Bill):
        """Let the factory send a bill."""
        by = actor(self.factory)
        with acting_as(by):
            return supplier_invoice.receive(bill, factory_id=self.factory.pk, by=by, at=NOON)

    def invoice(self, *billed: tuple[int, str], **values):
        """Bill and send in one go."""
        return self.send(self.bill(*billed, **values))
