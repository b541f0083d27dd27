"""Claims on factories, and the dealers' parts of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from b2b.core.actor import DEALER, FACTORY, OPERATOR, Actor
from b2b.core.errors import NotFound
from b2b.http.views import CommandView, DetailView, ListView
from orders.rest.filters import ClaimFilter
from orders.rest.shapes.aftersales import (
    ClaimAnswerInput,
    ClaimInput,
    ClaimShape,
    ClaimShareShape,
    WhyInput,
)
from orders.selectors import aftersales, supply
from orders.services import claim, claim_answer
from orders.services.claim_answer import Answer

PARTIES = {FACTORY, OPERATOR}


class Claims(ListView, CommandView):
    """List claims; POST claims all that was wrong with a purchase order (operator)."""

    scope, kinds, write_kinds = "orders", PARTIES, {OPERATOR}
    selector = aftersales.claims
    serializer = output = ClaimShape
    filterset = ClaimFilter
    input, status = ClaimInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Raise the claim.

        :raises NotFound: when there is no such purchase order.
        """
        order = supply.purchase_orders(by).filter(pk=data["purchase_order_id"]).first()
        if order is None:
            raise NotFound
        return claim.raise_for(
            order, compensation_rate=data["compensation_rate"], note=data["note"], by=by, at=at
        )


class OneClaim(DetailView):
    """Show a claim with its lines."""

    scope, kinds = "orders", PARTIES
    selector = aftersales.claims
    serializer = ClaimShape


class AnswerClaim(CommandView):
    """Accept a claim in full, in part or not at all."""

    scope, kinds = "orders", PARTIES
    selector = aftersales.claims
    input, output = ClaimAnswerInput, ClaimShape

    def call(self, data: Any, *, by: Actor, at: Any, claim_id: UUID) -> Any:
        """Take the answer."""
        answers = [Answer(**line) for line in data["lines"]]
        claim_answer.answer(self.find(), answers=answers, note=data["note"], by=by, at=at)
        return self.find()


class SettleClaim(CommandView):
    """Settle a claim at what the factory accepted."""

    scope, kinds = "orders", {OPERATOR}
    selector = aftersales.claims
    output = ClaimShape

    def call(self, data: Any, *, by: Actor, at: Any, claim_id: UUID) -> Any:
        """Settle it."""
        claim.settle(self.find(), by=by, at=at)
        return self.find()


class WithdrawClaim(CommandView):
    """Take a claim back; what it named may be claimed anew."""

    scope, kinds = "orders", {OPERATOR}
    selector = aftersales.claims
    input, output = WhyInput, ClaimShape

    def call(self, data: Any, *, by: Actor, at: Any, claim_id: UUID) -> Any:
        """Withdraw it."""
        claim.withdraw(self.find(), reason=data["reason"], by=by, at=at)
        return self.find()


class ClaimShares(ListView):
    """List the caller's parts of claims: whose loss it was, and what the factory bears of it."""

    scope, kinds = "orders", {DEALER, OPERATOR}
    selector = aftersales.claim_shares
    serializer = ClaimShareShape
