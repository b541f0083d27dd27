"""What finance needs to exist before it can do anything, and the events others would send it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from b2b.contracts.logistics import DeliveredLine, DeliveryConfirmed
from b2b.contracts.orders import OrderConfirmed, OrderedLine
from b2b.core.actor import OPERATOR, acting_as, system
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.directory.models import Organization
from finance.models import BankAccount
from finance.services import bank_account, exposure
from tests.factories.directory import organization

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLATFORM = system("test")


def operator() -> Organization:
    """Return the legal entity that keeps the books."""
    with acting_as(PLATFORM):
        known = Organization.objects.filter(kind=OPERATOR).first()
    return known or organization(OPERATOR, code="MID")


def dealer_with_credit(limit: int | str = 10_000, currency: str = "CNY", **values: object) -> Organization:
    """Create a dealer that may owe `limit`."""
    operator()
    dealer = organization(**values)
    with acting_as(PLATFORM):
        exposure.set_limit(party_id=dealer.pk, amount=Money.of(limit, currency), by=PLATFORM, at=NOON)
    return dealer


def our_bank_account(identifier: str = "CN-6222-0001", currency: str = "CNY") -> BankAccount:
    """Open one of our own bank accounts."""
    operator()
    with acting_as(PLATFORM):
        return bank_account.open_account(identifier=identifier, currency=currency, by=PLATFORM)


def confirmed(
    dealer_id: int, *lines: tuple[int, int, str, str], order_id: UUID | None = None, **values: object
):
    """Return an OrderConfirmed over (line id, quantity, unit price, tax rate) lines of product ids in `products`."""
    products = values.pop("products", {})
    common: dict[str, object] = {
        "order_id": order_id or uuid7(),
        "number": "SO-1",
        "version": 1,
        "dealer_id": dealer_id,
        "currency": "CNY",
        "payment_terms_days": 30,
        "occurred_at": NOON,
    }
    return OrderConfirmed(
        **{**common, **values},
        lines=tuple(
            OrderedLine(
                line_id=line_id,
                line_number=number,
                product_id=products[line_id],
                quantity=quantity,
                unit_price=Decimal(price),
                tax_rate=Decimal(rate),
                ship_to_site_id=1,
            )
            for number, (line_id, quantity, price, rate) in enumerate(lines, 1)
        ),
    )


def delivered(order: OrderConfirmed, carrier_id: int, quantities: dict[int, int], **values: object):
    """Return a DeliveryConfirmed over quantities by order line."""
    products = {line.line_id: line.product_id for line in order.lines}
    common: dict[str, object] = {
        "shipment_id": uuid7(),
        "number": "SH-1",
        "dealer_id": order.dealer_id,
        "carrier_id": carrier_id,
        "ship_to_site_id": 1,
        "delivered_at": NOON,
        "currency": "CNY",
        "freight_amount": Decimal("12.50"),
        "occurred_at": NOON,
    }
    return DeliveryConfirmed(
        **{**common, **values},
        lines=tuple(
            DeliveredLine(
                order_id=order.order_id,
                order_version=order.version,
                order_line_id=line_id,
                product_id=products[line_id],
                delivered_quantity=quantity,
            )
            for line_id, quantity in quantities.items()
        ),
    )
