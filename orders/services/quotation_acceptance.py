"""Accept what the platform quoted: it becomes an order at the quoted price."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from b2b.contracts.agreements import AwardedLine, QuotationAwarded
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError, Invalid, Problem
from b2b.db.bulk import fetch_value
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Site
from b2b.outbox.publish import publish
from orders.models import Quotation, QuotationLine, QuotationRequest
from orders.policies.order_facts import agreed_terms
from orders.policies.pooling import admits
from orders.policies.pricing import Break, choose
from orders.selectors.quotation import breaks_of
from orders.services import bulk_order
from orders.services import order as orders


class QuotationOver(DomainError):
    """The quotation was valid until an earlier day."""

    code = "quotation_over"


class InvalidAcceptance(Invalid):
    """The quantities are not offered; nothing was ordered."""

    code = "invalid_acceptance"


@unit_of_work()
def accept(
    quotation: Quotation,
    *,
    quantities: Mapping[int, int] | None = None,
    ship_to: Site | None = None,
    external_reference: str = "",
    by: Actor,
    at: datetime,
) -> Quotation:
    """Order quoted lines, by default all as asked, at the price of the break the quantity holds; once.

    Publishes QuotationAwarded beside what the order publishes.

    :raises Forbidden: for another dealer. :raises QuotationOver: after its last day, by the database's clock.
    :raises InvalidAcceptance: for lines or quantities that are not offered. :raises InvalidRows, CreditRefused: as any
        order. :raises IllegalTransition: when it has been taken already.
    """
    orders.may_order_for(quotation.dealer_id or 0, by)
    locked = lock_one(Quotation.objects.filter(pk=quotation.pk, dealer__isnull=False))
    Quotation.machine.next(locked.status, "award")
    if fetch_value("SELECT (midstream_now() AT TIME ZONE 'UTC')::date") > locked.valid_until:
        raise QuotationOver(f"{locked.number} was valid until {locked.valid_until}")
    lines = {
        line.line_number: line
        for line in locked.lines.select_related("product", "request_line").prefetch_related("breaks")
    }
    wanted = _wanted(lines, quantities)
    prices = {number: _price(lines[number], quantity) for number, quantity in wanted.items()}
    assert locked.dealer is not None
    placed = bulk_order.submit(
        bulk_order.rows_of(
            {"sku": lines[number].product.sku, "quantity": quantity} for number, quantity in wanted.items()
        ),
        dealer=locked.dealer,
        ship_to=ship_to or locked.request.ship_to_site,
        currency=locked.currency,
        external_reference=external_reference,
        agreed={
            lines[number].product_id: agreed_terms(
                lines[number].supplier_id or 0,
                prices[number].unit_price,
                lead_time_days=lines[number].lead_time_days,
            )
            for number in wanted
        },
        by=by,
        at=at,
    ).order
    with acting_as(system("orders")):
        locked.advance("award", by=by, at=at, order=placed)
        request = lock_one(QuotationRequest.objects.filter(pk=locked.request_id))
        request.advance("award", by=by, at=at)
        for number, quantity in wanted.items():
            lines[number].awarded_quantity = quantity
            lines[number].awarded_unit_price = prices[number].unit_price
        QuotationLine.objects.bulk_update(
            [lines[number] for number in wanted], ["awarded_quantity", "awarded_unit_price"]
        )
        publish(_told(locked, lines, wanted, prices, at))
    return locked


def _wanted(lines: Mapping[int, QuotationLine], quantities: Mapping[int, int] | None) -> dict[int, int]:
    """Return base units by line number; without a choice, the first offer of each requested line as it was asked."""
    if quantities is None:
        first: dict[int, int] = {}
        for number in sorted(lines):
            first.setdefault(lines[number].request_line_id, number)
        quantities = {number: lines[number].request_line.quantity for number in first.values()}
    problems = []
    products: set[int] = set()
    for row, (number, quantity) in enumerate(quantities.items(), start=1):
        line = lines.get(number)
        if line is None:
            code, message = "unknown_line", f"the quotation has no line {number}"
        elif not admits(quantity, minimum=line.moq, multiple=line.order_multiple) or quantity < 1:
            code = "invalid_quantity"
            message = f"{quantity} is not offered: at least {line.moq}, in multiples of {line.order_multiple}"
        elif choose(breaks_of(line), quantity) is None:
            code, message = "invalid_quantity", f"{quantity} is below the first price"
        elif line.product_id in products:
            code, message = "repeated_product", f"{line.product.sku} is taken twice"
        else:
            products.add(line.product_id)
            continue
        problems.append(Problem(code, message, row=row, field="quantity"))
    if problems or not quantities:
        raise InvalidAcceptance(problems=problems)
    return dict(quantities)


def _price(line: QuotationLine, quantity: int) -> Break:
    held = choose(breaks_of(line), quantity)
    assert held is not None
    return held


def _told(
    quotation: Quotation,
    lines: Mapping[int, QuotationLine],
    wanted: Mapping[int, int],
    prices: Mapping[int, Break],
    at: datetime,
) -> QuotationAwarded:
    return QuotationAwarded(
        occurred_at=at,
        quotation_id=quotation.pk,
        number=quotation.number,
        request_id=quotation.request_id,
        party_id=quotation.dealer_id or 0,
        lines=tuple(
            AwardedLine(
                line_number=number,
                product_id=lines[number].product_id,
                quantity=quantity,
                unit_price=prices[number].unit_price,
            )
            for number, quantity in wanted.items()
        ),
    )
