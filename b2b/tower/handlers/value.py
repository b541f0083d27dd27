"""What the control tower listens to for what circulation costs and saves; each handler is one note."""

from __future__ import annotations

from b2b.contracts.finance import SupplierCreditIssued
from b2b.contracts.order_changes import PurchaseOrderChanged
from b2b.contracts.orders import PurchaseOrderPlaced, SavingsStated
from b2b.contracts.returns import CostsShared
from b2b.contracts.value import FinancingCharged, SavingsSettled, StockLost
from b2b.contracts.warehousing import GoodsReceived, StockMoved
from b2b.outbox.registry import on
from b2b.tower.services import goods_flows, money_flows, savings


@on(SavingsStated)
def note_saving(event: SavingsStated) -> None:
    """Pooling saved a dealer money."""
    savings.note_statement(event)


@on(SavingsSettled)
def note_settled_saving(event: SavingsSettled) -> None:
    """A closed cycle settled what it saved."""
    savings.note_settlement(event)


@on(CostsShared)
def note_shared_cost(event: CostsShared) -> None:
    """Freight, duty, a fee or warehousing was shared."""
    money_flows.note_cost(event)


@on(FinancingCharged)
def note_financing_cost(event: FinancingCharged) -> None:
    """A financing cost its borrower something."""
    money_flows.note_financing_cost(event)


@on(SupplierCreditIssued)
def note_claim(event: SupplierCreditIssued) -> None:
    """A factory bears some of what was wrong."""
    money_flows.note_claim(event)


@on(StockLost)
def note_lost_stock(event: StockLost) -> None:
    """Goods of the platform were lost, found or sent back."""
    goods_flows.note_lost(event)


@on(PurchaseOrderPlaced)
def note_purchase(event: PurchaseOrderPlaced) -> None:
    """Goods were bought from a factory."""
    goods_flows.note_purchase(event)


@on(PurchaseOrderChanged)
def note_changed_purchase(event: PurchaseOrderChanged) -> None:
    """Prices or quantities of a purchase changed."""
    goods_flows.note_purchase(event)


@on(GoodsReceived)
def note_receipt(event: GoodsReceived) -> None:
    """Goods of a purchase came."""
    goods_flows.note_receipt(event)


@on(StockMoved)
def note_stock(event: StockMoved) -> None:
    """The platform's own stock changed."""
    goods_flows.note_stock(event)
