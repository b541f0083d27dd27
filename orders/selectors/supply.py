"""Purchase orders, responses, advices and signals: a factory's own, all for the operator."""

from __future__ import annotations

from django.db.models import QuerySet

from b2b.core.actor import Actor
from orders.models import DespatchAdvice, OrderResponse, PriceAnswer, ProductionSignal, PurchaseOrder


def purchase_orders(actor: Actor) -> QuerySet[PurchaseOrder]:
    """Return purchase orders with factory, cycle and warehouse; they name no dealer."""
    return PurchaseOrder.objects.visible_to(actor).select_related("factory", "cycle", "warehouse_site")


def with_lines(actor: Actor) -> QuerySet[PurchaseOrder]:
    """Return purchase orders with their lines and products."""
    return purchase_orders(actor).prefetch_related("lines__product", "lines__schedule_lines")


def responses(actor: Actor) -> QuerySet[OrderResponse]:
    """Return the factory's responses with their lines."""
    return (
        OrderResponse.objects.visible_to(actor)
        .select_related("purchase_order")
        .prefetch_related("lines__purchase_order_line__product", "lines__substitute")
    )


def price_answers(actor: Actor) -> QuerySet[PriceAnswer]:
    """Return the prices factories asked for instead of the agreed ones."""
    return PriceAnswer.objects.visible_to(actor).select_related("purchase_order_line")


def despatch_advices(actor: Actor) -> QuerySet[DespatchAdvice]:
    """Return despatch advices with their lines."""
    return (
        DespatchAdvice.objects.visible_to(actor)
        .select_related("factory", "purchase_order")
        .prefetch_related("lines__purchase_order_line__product")
    )


def production_signals(actor: Actor) -> QuerySet[ProductionSignal]:
    """Return production signals with their lines."""
    return (
        ProductionSignal.objects.visible_to(actor)
        .select_related("factory", "cycle")
        .prefetch_related("lines__product")
    )
