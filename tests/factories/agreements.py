"""Approval rules, blanket orders and quotations for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from b2b.core.actor import Actor, acting_as, system
from b2b.directory.models import Membership, Organization, User
from b2b.directory.selectors.acting import of_organization
from orders.models import ApprovalRule, ApprovalSubstitute, BlanketOrder, Quotation, QuotationRequest
from orders.policies.pricing import Break
from orders.services import blanket_order, quotation, quotation_request
from tests.factories import directory
from tests.factories.orders import NOW, Trade


def approval_rule(owner: Organization, *, amount_from: object = 0, **values: object) -> ApprovalRule:
    """Create a rule of an organisation; administrators approve unless somebody else is named."""
    if not values.get("approver"):
        values.setdefault("role", Membership.Role.ADMIN)
    values.setdefault("name", "Above a limit")
    with acting_as(system("test")):
        return ApprovalRule.objects.create(
            organization=owner, amount_from=Decimal(str(amount_from)), **values
        )


def substitute(owner: Organization, approver: User, stand_in: User, **days: object) -> ApprovalSubstitute:
    """Let somebody decide for somebody who is away."""
    with acting_as(system("test")):
        return ApprovalSubstitute.objects.create(
            organization=owner, approver=approver, substitute=stand_in, **days
        )


def member(owner: Organization, role: str = Membership.Role.ADMIN) -> Actor:
    """Return a person of an organisation as the actor they are."""
    user = directory.person(owner, role=role)
    return of_organization(owner, user_id=user.pk, name=user.get_username(), role=role)


def blanket(
    market: Trade,
    quantities: Sequence[int],
    *,
    price: str = "7",
    dealer: int | None = 0,
    days: tuple[int, int] = (-10, 30),
    **values: object,
) -> BlanketOrder:
    """Agree on quantities of a market's products with a dealer, or with its factory when `dealer` is None."""
    party = market.maker if dealer is None else market.dealers[dealer]
    with acting_as(system("test")) as platform:
        return blanket_order.agree(
            party,
            lines=[
                blanket_order.Wanted(product.sku, quantity, Decimal(price))
                for product, quantity in zip(market.products, quantities, strict=False)
            ],
            valid_from=NOW.date() + timedelta(days=days[0]),
            valid_to=NOW.date() + timedelta(days=days[1]),
            ship_to=None if dealer is None else market.shops[dealer],
            by=platform,
            at=NOW,
            **values,  # type: ignore[arg-type]
        )


def ask(
    market: Trade,
    factories: Sequence[Organization],
    quantities: Sequence[int] = (100,),
    *,
    hours: int = 24,
    **values: object,
) -> QuotationRequest:
    """Ask factories, as the platform, for quantities of a market's products."""
    with acting_as(system("test")) as platform:
        return quotation_request.ask(
            title="Spring range",
            lines=[
                quotation_request.Requested(quantity, sku=product.sku)
                for product, quantity in zip(market.products, quantities, strict=False)
            ],
            deadline_at=NOW + timedelta(hours=hours),
            issuer=market.warehouse.organization,
            factories=factories,
            by=platform,
            at=NOW,
            **values,  # type: ignore[arg-type]
        )


def offer(
    request: QuotationRequest,
    maker: Organization,
    prices: Sequence[str] = ("9",),
    *,
    at: datetime = NOW,
    days: int = 30,
    **terms: object,
) -> Quotation:
    """Quote, as a factory, one price for each requested line."""
    who = directory.actor(maker)
    with acting_as(who):
        return quotation.submit(
            request,
            lines=[
                quotation.Offered(number, (Break(1, Decimal(price)),), lead_time_days=7, **terms)  # type: ignore[arg-type]
                for number, price in enumerate(prices, start=1)
            ],
            valid_until=NOW.date() + timedelta(days=days),
            by=who,
            at=at,
        )
