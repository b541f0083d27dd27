"""What waits for approval, decisions on it, and the rules."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from b2b.core.actor import DEALER, OPERATOR, Actor
from b2b.core.errors import NotFound
from b2b.http.views import CommandView, ListView
from orders.rest.filters import ApprovalFilter
from orders.rest.parties import organization_of, site_of
from orders.rest.shapes.approval import (
    ApprovalShape,
    OrderApprovalInput,
    PurchaseApprovalInput,
    RuleInput,
    RuleShape,
    StandInInput,
    StandInShape,
)
from orders.rest.shapes.order import OrderShape
from orders.rest.shapes.prices import TermsChangeShape
from orders.rest.shapes.supply import PurchaseOrderShape
from orders.selectors import approval as selectors
from orders.selectors import order, price_list, supply
from orders.services import approval_decision, approval_rule, purchase_order_approval

PARTIES = {DEALER, OPERATOR}


class Approvals(ListView):
    """List the approvals of the caller's organisation, newest first; `status=PENDING` are those that wait."""

    scope, kinds = "orders", PARTIES
    selector = selectors.visible
    serializer = ApprovalShape
    filterset = ApprovalFilter


class OrderApprovals(ListView, CommandView):
    """List what an order waits for; POST decides it as a person of the dealer.

    Whoever placed the order does not approve it unless the rule says so. The last approval confirms the order and holds
    its credit; a decline ends it.
    """

    scope, kinds = "orders", PARTIES
    serializer = ApprovalShape
    input, output = OrderApprovalInput, OrderShape

    def find(self) -> Any:
        """Return the order in the URL.

        :raises NotFound: when the actor knows no such order.
        """
        found = order.visible(self.actor).filter(pk=self.kwargs["order_id"]).first()
        if found is None:
            raise NotFound
        return found

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the approvals of the order in the URL."""
        return selectors.visible(actor).filter(order=self.find() if self.kwargs else None)

    def call(self, data: Any, *, by: Actor, at: Any, order_id: UUID) -> Any:
        """Approve or decline."""
        if data["decision"] == "decline":
            approval_decision.decline(self.find(), reason=data["reason"], by=by, at=at)
        else:
            quantities = {line["line_number"]: line["quantity"] for line in data["lines"]}
            approval_decision.approve(self.find(), quantities=quantities, reason=data["reason"], by=by, at=at)
        return self.find()


class PurchaseOrderApprovals(ListView, CommandView):
    """List what a purchase order waits for; POST decides it. The last approval sends it to its factory.

    Operators only.
    """

    scope, kinds = "orders", {OPERATOR}
    serializer = ApprovalShape
    input, output = PurchaseApprovalInput, PurchaseOrderShape

    def find(self) -> Any:
        """Return the purchase order in the URL.

        :raises NotFound: when there is none.
        """
        found = supply.purchase_orders(self.actor).filter(pk=self.kwargs["purchase_order_id"]).first()
        if found is None:
            raise NotFound
        return found

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the approvals of the purchase order in the URL."""
        return selectors.visible(actor).filter(purchase_order=self.find() if self.kwargs else None)

    def call(self, data: Any, *, by: Actor, at: Any, purchase_order_id: UUID) -> Any:
        """Approve or decline."""
        decide = (
            purchase_order_approval.decline
            if data["decision"] == "decline"
            else purchase_order_approval.approve
        )
        decide(self.find(), reason=data["reason"], by=by, at=at)
        return self.find()


class ApprovalRules(ListView, CommandView):
    """List the rules of approval; POST adds one, as an administrator of the organisation."""

    scope, kinds = "orders", PARTIES
    selector = selectors.rules
    serializer = output = RuleShape
    input, status = RuleInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Add the rule."""
        owner = organization_of(by, data.pop("organization"))
        site = site_of(by, owner, data.pop("site"))
        return approval_rule.put(owner, site=site, by=by, at=at, **data)


class RuleChanges(ListView):
    """List who made, replaced or retired a rule of approval and when, latest first."""

    scope, kinds = "orders", PARTIES
    serializer = TermsChangeShape

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the changes of the rule in the URL.

        :raises NotFound: when the actor knows no such rule.
        """
        rule_id = self.kwargs.get("rule_id", 0)
        if self.kwargs and not selectors.rules(actor).filter(pk=rule_id).exists():
            raise NotFound
        return price_list.changes(actor, approval_rule.APPROVAL, rule_id)


class RetireRule(CommandView):
    """Take a rule out of force; what waits because of it goes on waiting."""

    scope, kinds = "orders", PARTIES
    selector = selectors.rules
    output = RuleShape

    def call(self, data: Any, *, by: Actor, at: Any, rule_id: int) -> Any:
        """Retire the rule."""
        return approval_rule.retire(self.find(), by=by, at=at)


class ReplaceRule(CommandView):
    """Put a changed rule in the place of one; what waits because of the old one goes on waiting."""

    scope, kinds = "orders", PARTIES
    selector = selectors.rules
    input, output = RuleInput, RuleShape

    def call(self, data: Any, *, by: Actor, at: Any, rule_id: int) -> Any:
        """Replace the rule; the new one is of the same organisation."""
        old = self.find()
        del data["organization"]
        site = site_of(by, old.organization, data.pop("site"))
        return approval_rule.replace(old, site=site, by=by, at=at, **data)


class Substitutes(ListView, CommandView):
    """List who decides for whom; POST names a substitute for somebody who is away."""

    scope, kinds = "orders", PARTIES
    selector = selectors.substitutes
    serializer = output = StandInShape
    input, status = StandInInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Name the substitute."""
        return approval_rule.substitute(
            organization_of(by, data["organization"]),
            approver=data["approver"],
            stand_in=data["substitute"],
            from_date=data["from_date"],
            to_date=data["to_date"],
            by=by,
            at=at,
        )
