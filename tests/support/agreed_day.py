"""Agreements of a dealer for tests that work through the pages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from b2b.core import clock
from b2b.core.actor import acting_as
from b2b.core.money import Money
from b2b.outbox.dispatch import drain
from finance.services import exposure
from orders.models import ApprovalStep, ApprovalSubstitute, BlanketOrder, Quotation
from orders.policies.pricing import Break
from orders.services import approval_rule, blanket_order, bulk_order, quotation, quotation_request
from tests.factories import agreements
from tests.support.trade_day import TEST, Market


def agree_with_dealer(market: Market) -> BlanketOrder:
    """Agree on a thousand bolts."""
    today = clock.now().date()
    with acting_as(TEST):
        return blanket_order.agree(
            market.dealer,
            lines=[blanket_order.Wanted(market.skus[0], 1000, Decimal("9.5"))],
            valid_from=today,
            valid_to=today + timedelta(days=90),
            ship_to=market.dealer.sites.get(),
            by=TEST,
            at=clock.now(),
        )


def quote_to_dealer(market: Market) -> Quotation:
    """Let the dealer ask for drills, and the platform quote."""
    now = clock.now()
    with acting_as(TEST):
        asked = quotation_request.ask(
            title="Drills for spring",
            lines=[quotation_request.Requested(40, sku=market.skus[2])],
            deadline_at=now + timedelta(days=2),
            issuer=market.dealer,
            ship_to=market.dealer.sites.get(),
            by=TEST,
            at=now,
        )
        return quotation.submit(
            asked,
            lines=[quotation.Offered(1, (Break(1, Decimal(9)),), lead_time_days=5)],
            valid_until=now.date() + timedelta(days=10),
            by=TEST,
            at=now,
        )


def wait_for_approval(market: Market, *, quantity: int = 24) -> ApprovalStep:
    """Let somebody else of the dealer order what the dealer's administrator has to approve."""
    rule = agreements.approval_rule(market.dealer, amount_from=1)
    buyer = agreements.member(market.dealer, "BUYER")
    with acting_as(TEST):
        exposure.set_limit(
            party_id=market.dealer.pk, amount=Money.of(100_000, "CNY"), by=TEST, at=clock.now()
        )
    with acting_as(buyer):
        placed = bulk_order.submit(
            bulk_order.rows_of([{"sku": market.skus[0], "quantity": quantity}]),
            dealer=market.dealer,
            ship_to=market.dealer.sites.get(),
            by=buyer,
            at=clock.now(),
        ).order
    drain()
    with acting_as(TEST):
        rule.is_active = False
        rule.save()
        return ApprovalStep.objects.get(order=placed)


def name_a_substitute(market: Market) -> ApprovalSubstitute:
    """Let somebody of the dealer who is away have another decide."""
    away, deciding = agreements.member(market.dealer, "BUYER"), agreements.member(market.dealer, "BUYER")
    today = clock.now().date()
    with acting_as(away):
        return approval_rule.substitute(
            market.dealer,
            approver=away.name,
            stand_in=deciding.name,
            from_date=today,
            to_date=today + timedelta(days=7),
            by=away,
            at=clock.now(),
        )
