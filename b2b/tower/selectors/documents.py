"""The documents that make a figure, as far as the actor may see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, UUIDField, Value
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone

from b2b.catalog.models import Product
from b2b.core.actor import Actor
from b2b.core.errors import Invalid, Problem
from b2b.tower.models import DeliveryFact, FlowFact, FlowKind, OrderLineFact, SavingFact, SavingLineFact
from b2b.tower.selectors.value import Span

# Figure -> the kinds of flow it is summed up from, and what the documents are.
FLOWS: Final = {
    "inbound_amount": (FlowKind.INBOUND, "cost_voucher"),
    "duty_amount": (FlowKind.DUTY, "cost_voucher"),
    "storage_amount": (FlowKind.STORAGE, "cost_voucher"),
    "fee_amount": (FlowKind.FEE, "cost_voucher"),
    "financing_amount": (FlowKind.FINANCING, "financing"),
    "shrinkage_amount": (FlowKind.SHRINKAGE, "journal_entry"),
    "claims_amount": (FlowKind.CLAIM, "supplier_credit"),
    "settled_dealer_share": (FlowKind.DEALER_SHARE, "order_cycle"),
    "settled_platform_share": (FlowKind.PLATFORM_SHARE, "order_cycle"),
    "settled_factory_share": (FlowKind.FACTORY_SHARE, "order_cycle"),
    "orders": (FlowKind.ORDER, "order"),
    "billed": (FlowKind.BILLED, "invoice"),
    "purchased": (FlowKind.PURCHASED, "purchase_order"),
    "received": (FlowKind.RECEIVED, "receipt"),
    "issued": (FlowKind.ISSUED, "stock_movement"),
}
# A figure that is made of others is shown by what decides it.
SAVINGS: Final = ("saving", "baseline", "pooled", "dealer_share", "platform_share", "factory_share")
LINES: Final = ("lines", "fill_rate", "on_time_in_full", "cycle_time_s", "ordered_amount")
FIGURES: Final = (*SAVINGS, *LINES, "late", "freight_amount", *FLOWS)


def of_figure(actor: Actor, figure: str, span: Span, *, product_id: int | None = None) -> QuerySet[Any]:
    """Return the documents of a figure in a span, each with the same columns whatever they are.

    They are `shown_kind`, `_id`, `_number`, `_day`, `_dealer_id`, `_quantity` and `_amount`. `late` are the order lines
    that did not come whole and in time.

    :raises Invalid: when there is no such figure.
    """
    make: Callable[..., QuerySet[Any]]
    if figure in SAVINGS:
        make = _statements
    elif figure in LINES or figure == "late":
        make = _lines
    elif figure == "freight_amount":
        make = _deliveries
    elif figure in FLOWS:
        make = _flows
    else:
        known = ", ".join(FIGURES)
        raise Invalid(
            "There is no such figure.",
            problems=[Problem("unknown_figure", f"figure is one of {known}", field="figure")],
        )
    return make(actor, figure, span, product_id)


def _narrowed(rows: QuerySet[Any], span: Span, **more: Any) -> QuerySet[Any]:
    wanted = {"dealer_id": span.dealer_id, "factory_id": span.factory_id, **more}
    return rows.filter(**{name: value for name, value in wanted.items() if value is not None})


def _statements(actor: Actor, figure: str, span: Span, product_id: int | None) -> QuerySet[Any]:
    amounts = F("baseline") - F("pooled") if figure == "saving" else F(figure)
    lines: QuerySet[Any] = SavingLineFact.objects.visible_to(actor).filter(
        currency=span.currency, day__gte=span.since, day__lt=span.until
    )
    lines = _narrowed(lines, span, category=span.category, product_id=product_id)
    numbers = SavingFact.objects.filter(statement_id=OuterRef("statement_id")).values("number")[:1]
    found: QuerySet[Any] = lines.annotate(
        shown_kind=Value("savings_statement"),
        shown_id=F("statement_id"),
        shown_number=Subquery(numbers),
        shown_day=F("day"),
        shown_dealer_id=F("dealer_id"),
        shown_quantity=F("quantity"),
        shown_amount=amounts,
    )
    return found


def _lines(actor: Actor, figure: str, span: Span, product_id: int | None) -> QuerySet[Any]:
    lines: QuerySet[Any] = OrderLineFact.objects.visible_to(actor).filter(
        currency=span.currency, day__gte=span.since, day__lt=span.until, cancelled_at=None
    )
    lines = _narrowed(lines, span, category=span.category, product_id=product_id)
    if figure == "late":
        lines = lines.filter(
            Q(delivered_quantity__lt=F("ordered_quantity")) | Q(delivered_date__gt=F("need_by_date"))
        )
    found: QuerySet[Any] = lines.annotate(
        shown_kind=Value("order"),
        shown_id=F("order_id"),
        shown_number=F("order_number"),
        shown_day=F("day"),
        shown_dealer_id=F("dealer_id"),
        shown_quantity=F("delivered_quantity"),
        shown_amount=F("ordered_amount"),
    )
    return found


def _deliveries(actor: Actor, _figure: str, span: Span, product_id: int | None) -> QuerySet[Any]:
    """Freight is of the span its goods were ordered in; it is shown on the day they arrived."""
    lines = _lines(actor, "lines", span, product_id)
    found: QuerySet[Any] = (
        DeliveryFact.objects.visible_to(actor)
        .filter(order_line_id__in=lines.values("order_line_id"))
        .annotate(
            shown_kind=Value("shipment"),
            shown_id=F("shipment_id"),
            shown_number=F("shipment_number"),
            shown_day=TruncDate("delivered_at", tzinfo=timezone.get_default_timezone()),
            shown_dealer_id=F("dealer_id"),
            shown_quantity=F("delivered_quantity"),
            shown_amount=F("freight_amount"),
        )
    )
    return found


def _flows(actor: Actor, figure: str, span: Span, product_id: int | None) -> QuerySet[Any]:
    kind, document = FLOWS[figure]
    flows: QuerySet[Any] = FlowFact.objects.visible_to(actor).filter(
        kind=kind, day__gte=span.since, day__lt=span.until
    )
    if kind not in (FlowKind.ISSUED, FlowKind.RECEIVED):
        flows = flows.filter(currency=span.currency)
    flows = _narrowed(flows, span, product_id=product_id)
    if span.category is not None:
        flows = flows.filter(product_id__in=Product.objects.filter(category=span.category).values("pk"))
    found: QuerySet[Any] = flows.annotate(
        shown_kind=Value(document, output_field=CharField()),
        shown_id=Cast("source_id", UUIDField()),
        shown_number=F("number"),
        shown_day=F("day"),
        shown_dealer_id=F("dealer_id"),
        shown_quantity=F("quantity"),
        shown_amount=F("amount"),
    )
    return found
