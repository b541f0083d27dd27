"""Freight, duty and fees, and what each dealer's goods bear of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from b2b.core.actor import DEALER, OPERATOR, Actor
from b2b.core.errors import Invalid, Problem
from b2b.core.money import Money
from b2b.http.views import CommandView, DetailView, ListView
from orders.rest.filters import CostShareFilter, CostVoucherFilter
from orders.rest.shapes.aftersales import (
    AmountInput,
    CostShareShape,
    CostVoucherInput,
    CostVoucherShape,
    WhyInput,
)
from orders.selectors import aftersales, order_cycle, supply
from orders.services import cost_voucher


class CostVouchers(ListView, CommandView):
    """List cost vouchers; POST writes a cost down."""

    scope, kinds = "orders", {OPERATOR}
    selector = aftersales.cost_vouchers
    serializer = output = CostVoucherShape
    filterset = CostVoucherFilter
    input, status = CostVoucherInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Plan the voucher."""
        return cost_voucher.plan(
            kind=data["kind"],
            basis=data["basis"],
            amount=Money(data["amount"], data["currency"]),
            purchase_order=_named(supply.purchase_orders(by), data, "purchase_order_id"),
            cycle=_named(order_cycle.visible(by), data, "cycle_id"),
            shipment_id=data["shipment_id"],
            reference=data["reference"],
            by=by,
            at=at,
        )


def _named(rows: Any, data: Any, name: str) -> Any:
    if data[name] is None:
        return None
    found = rows.filter(pk=data[name]).first()
    if found is None:
        problem = Problem("unknown_document", "there is no such document", pointer=f"/{name}")
        raise Invalid("The cost is of something unknown.", problems=[problem])
    return found


class OneCostVoucher(DetailView):
    """Show a cost voucher."""

    scope, kinds = "orders", {OPERATOR}
    selector = aftersales.cost_vouchers
    serializer = CostVoucherShape


class ShareCost(CommandView):
    """Share a voucher over the goods that were received."""

    scope, kinds = "orders", {OPERATOR}
    selector = aftersales.cost_vouchers
    output = CostVoucherShape

    def call(self, data: Any, *, by: Actor, at: Any, voucher_id: UUID) -> Any:
        """Share it."""
        cost_voucher.share(self.find(), by=by, at=at)
        return self.find()


class ReviseCost(CommandView):
    """Change what a cost comes to; a shared one is shared again."""

    scope, kinds = "orders", {OPERATOR}
    selector = aftersales.cost_vouchers
    input, output = AmountInput, CostVoucherShape

    def call(self, data: Any, *, by: Actor, at: Any, voucher_id: UUID) -> Any:
        """Revise it."""
        voucher = self.find()
        amount = Money(data["amount"], voucher.currency)
        cost_voucher.revise(voucher, amount=amount, reason=data["reason"], by=by, at=at)
        return self.find()


class CloseCost(CommandView):
    """Let the shares of a voucher stand as they are."""

    scope, kinds = "orders", {OPERATOR}
    selector = aftersales.cost_vouchers
    output = CostVoucherShape

    def call(self, data: Any, *, by: Actor, at: Any, voucher_id: UUID) -> Any:
        """Close it."""
        cost_voucher.close(self.find(), by=by, at=at)
        return self.find()


class CancelCost(CommandView):
    """Withdraw a cost and its shares."""

    scope, kinds = "orders", {OPERATOR}
    selector = aftersales.cost_vouchers
    input, output = WhyInput, CostVoucherShape

    def call(self, data: Any, *, by: Actor, at: Any, voucher_id: UUID) -> Any:
        """Cancel it."""
        cost_voucher.cancel(self.find(), reason=data["reason"], by=by, at=at)
        return self.find()


class CostShares(ListView):
    """List what the caller's goods bear of freight, duty and fees."""

    scope, kinds = "orders", {DEALER, OPERATOR}
    selector = aftersales.cost_shares
    serializer = CostShareShape
    filterset = CostShareFilter
