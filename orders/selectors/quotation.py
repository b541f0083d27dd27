"""Requests for quotation, quotations once they may be read, and how they compare."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from b2b.core.actor import OPERATOR, Actor
from orders.models import Quotation, QuotationLine, QuotationRequest
from orders.policies.pricing import Break
from orders.policies.quotation import Offer, PricedOffer, Scenario, rank, scenarios


@dataclass(frozen=True, slots=True)
class Comparison:
    """A request's lines with their ranked offers, and the scenarios."""

    request: QuotationRequest
    ranked: dict[int, list[PricedOffer]]
    scenarios: list[Scenario]
    lines: dict[int, QuotationLine]


def requests(actor: Actor) -> QuerySet[QuotationRequest]:
    """Return a dealer's own requests, those a factory is invited to, or all for the operator."""
    return (
        QuotationRequest.objects.visible_to(actor)
        .select_related("dealer", "ship_to_site", "source")
        .prefetch_related("lines__product")
    )


def visible(actor: Actor) -> QuerySet[Quotation]:
    """Return a supplier's own quotations, those made to a dealer, and for the operator all that are unsealed."""
    found = (
        Quotation.objects.visible_to(actor)
        .select_related("request", "factory", "dealer", "order", "blanket_order")
        .prefetch_related(
            "lines__breaks", "lines__product", "lines__request_line__product", "lines__quotation__factory"
        )
    )
    if actor.kind == OPERATOR:
        found = found.filter(Q(factory__isnull=True) | ~Q(request__status="ASKED"))
    return found


def breaks_of(line: QuotationLine) -> tuple[Break, ...]:
    """Return the price table of a quoted line, ascending."""
    return tuple(
        Break(step.min_quantity, step.unit_price)
        for step in sorted(line.breaks.all(), key=lambda step: step.min_quantity)
    )


def compare(actor: Actor, request: QuotationRequest) -> Comparison:
    """Return how the quotations that the actor may read compare; a constant number of queries.

    Withdrawn quotations are left out. A requested line is matched with every product offered for it.
    """
    quotations = visible(actor).filter(request=request).exclude(status="WITHDRAWN")
    lines = {line.pk: line for quotation in quotations for line in quotation.lines.all()}
    suppliers = {quotation.pk: quotation.factory_id or 0 for quotation in quotations}
    offers = [
        Offer(
            offer_id=line.pk,
            supplier_id=suppliers[line.quotation_id],
            line_number=line.request_line.line_number,
            moq=line.moq,
            order_multiple=line.order_multiple,
            lead_time_days=line.lead_time_days,
            breaks=breaks_of(line),
            is_alternate=line.request_line.product_id not in (None, line.product_id),
        )
        for line in lines.values()
    ]
    needs = {line.line_number: line.quantity for line in request.lines.all()}
    return Comparison(request, rank(needs, offers), scenarios(needs, offers), lines)
