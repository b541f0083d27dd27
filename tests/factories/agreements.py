"""Approval rules, blanket orders and quotations for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from b2b.core.actor import Actor, acting_as, system
from b2b.directory.models import Membership, Organization, User
from b2b.directory.selectors.acting import of_organization
from orders.models import ApprovalRule, ApprovalSubstitute, BlanketOrder
from orders.services import blanket_order
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
