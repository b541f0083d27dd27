"""What finance does when the others tell it something."""

from __future__ import annotations

from b2b.contracts.freight import FreightInvoiceAccepted, FreightInvoiceDisputed, FreightInvoiceRejected
from b2b.contracts.logistics import DeliveryConfirmed
from b2b.contracts.order_changes import PurchaseOrderChanged
from b2b.contracts.orders import (
    OrderCancelled,
    OrderChanged,
    OrderConfirmed,
    PurchaseOrderPlaced,
)
from b2b.contracts.returns import ClaimSettled, CostsLanded
from b2b.contracts.value import SavingsSettled
from b2b.contracts.warehousing import ReturnReceived, StockMoved
from b2b.core import actor
from b2b.outbox.registry import on
from finance.services import (
    credit,
    credit_note,
    freight_bill,
    invoice_draft,
    invoicing,
    saving_settlement,
    stock_costs,
    stock_facts,
    supplier_credit,
    terms,
)


def _record(event: OrderConfirmed | OrderChanged) -> None:
    terms.record_order(
        order_id=event.order_id,
        number=event.number,
        version=event.version,
        dealer_id=event.dealer_id,
        currency=event.currency,
        payment_terms_days=event.payment_terms_days,
        lines=event.lines,
        waiting_amount=event.waiting_amount,
        by=actor.current(),
        at=event.occurred_at,
    )


@on(OrderConfirmed)
def keep_terms(event: OrderConfirmed) -> None:
    """Keep what the dealer will be billed."""
    _record(event)


@on(OrderChanged)
def change_terms(event: OrderChanged) -> None:
    """Keep what the dealer will be billed instead."""
    _record(event)


@on(OrderCancelled)
def free_credit(event: OrderCancelled) -> None:
    """Give back the credit the order held."""
    credit.release(order_id=event.order_id, version=event.version, by=actor.current(), at=event.occurred_at)


@on(PurchaseOrderPlaced)
def keep_prices(event: PurchaseOrderPlaced) -> None:
    """Keep what the factory will be owed."""
    terms.record_purchase(
        purchase_order_id=event.purchase_order_id,
        number=event.number,
        factory_id=event.factory_id,
        currency=event.currency,
        lines=event.lines,
        by=actor.current(),
        at=event.occurred_at,
    )


@on(PurchaseOrderChanged)
def change_prices(event: PurchaseOrderChanged) -> None:
    """Keep what the factory will be owed instead."""
    terms.record_purchase(
        purchase_order_id=event.purchase_order_id,
        number=event.number,
        factory_id=event.factory_id,
        currency=event.currency,
        lines=event.lines,
        version=event.version,
        by=actor.current(),
        at=event.occurred_at,
    )


@on(StockMoved)
def value_stock(event: StockMoved) -> None:
    """Value what came and went, and owe factories what was accepted."""
    stock_facts.record(event, by=actor.current(), at=event.recorded_at)


@on(DeliveryConfirmed)
def invoice(event: DeliveryConfirmed) -> None:
    """Invoice the dealer for what arrived."""
    delivery = invoice_draft.Delivery(
        shipment_id=event.shipment_id,
        number=event.number,
        dealer_id=event.dealer_id,
        carrier_id=event.carrier_id,
        delivered_at=event.delivered_at,
        currency=event.currency,
        freight_amount=event.freight_amount,
        lines=event.lines,
    )
    invoicing.invoice_delivery(delivery, by=actor.current(), at=event.delivered_at)


@on(ReturnReceived)
def credit_returned_goods(event: ReturnReceived) -> None:
    """Credit what came back; goods refused at the door were never billed."""
    if event.return_id is not None:
        credit_note.credit_return(
            return_receipt_id=event.return_receipt_id,
            return_id=event.return_id,
            lines=event.lines,
            by=actor.current(),
            at=event.occurred_at,
        )


@on(ClaimSettled)
def credit_claim(event: ClaimSettled) -> None:
    """Take what a factory bears off what it is owed, and pass on what is the dealers'."""
    supplier_credit.issue(event, by=actor.current(), at=event.occurred_at)


@on(CostsLanded, ordered=True)
def add_costs(event: CostsLanded) -> None:
    """Let goods be worth what it cost to get them, too."""
    stock_costs.record(
        source=f"voucher:{event.voucher_id}",
        version=event.version,
        currency=event.currency,
        lines=event.lines,
        by=actor.current(),
        at=event.occurred_at,
    )


@on(SavingsSettled)
def share_saving(event: SavingsSettled) -> None:
    """Let each share of what a cycle saved stand on its own account."""
    saving_settlement.post(event, by=actor.current(), at=event.occurred_at)


@on(FreightInvoiceAccepted, ordered=True)
def owe_freight(event: FreightInvoiceAccepted) -> None:
    """Owe a carrier what its trips cost."""
    freight_bill.owe(event, by=actor.current(), at=event.occurred_at)


@on(FreightInvoiceDisputed)
def question_freight(event: FreightInvoiceDisputed) -> None:
    """Let a person look at a carrier's invoice."""
    freight_bill.dispute(event, by=actor.current(), at=event.occurred_at)


@on(FreightInvoiceRejected, ordered=True)
def refuse_freight(event: FreightInvoiceRejected) -> None:
    """Close what was open about a carrier's invoice."""
    freight_bill.drop(event, by=actor.current(), at=event.occurred_at)
