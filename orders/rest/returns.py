"""Goods that come back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from b2b.core.actor import DEALER, OPERATOR, Actor
from b2b.core.errors import Invalid, NotFound, Problem
from b2b.directory.selectors import site
from b2b.http.views import CommandView, DetailView, ListView
from orders.rest.filters import ReturnFilter
from orders.rest.shapes.aftersales import ApprovalInput, ReturnInput, ReturnShape, WhyInput
from orders.selectors import aftersales
from orders.selectors import order as orders
from orders.services import returns
from orders.services.returns import Decision, Wanted

PARTIES = {DEALER, OPERATOR}


class Returns(ListView, CommandView):
    """List the caller's returns; POST asks to give delivered goods of an order back."""

    scope, kinds = "orders", PARTIES
    selector = aftersales.returns
    serializer = output = ReturnShape
    filterset = ReturnFilter
    input, status = ReturnInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Ask for the return.

        :raises NotFound: when the caller knows no such order.
        """
        order = orders.visible(by).filter(pk=data["order_id"]).first()
        if order is None:
            raise NotFound
        lines = [Wanted(**line) for line in data["lines"]]
        return returns.request(order, lines=lines, note=data["note"], by=by, at=at)


class OneReturn(DetailView):
    """Show a return with its lines."""

    scope, kinds = "orders", PARTIES
    selector = aftersales.returns
    serializer = ReturnShape


class ApproveReturn(CommandView):
    """Let goods come back, line by line."""

    scope, kinds = "orders", {OPERATOR}
    selector = aftersales.returns
    input, output = ApprovalInput, ReturnShape

    def call(self, data: Any, *, by: Actor, at: Any, return_id: UUID) -> Any:
        """Grant the return.

        :raises Invalid: when there is no such warehouse.
        """
        home = None
        if data["return_to"]:
            home = site.own(by).filter(code=data["return_to"], kind="WAREHOUSE").first()
            if home is None:
                problem = Problem("unknown_site", "there is no such warehouse", pointer="/return_to")
                raise Invalid("There is no such warehouse.", problems=[problem])
        decisions = [Decision(**line) for line in data["lines"]]
        returns.authorise(self.find(), decisions=decisions, return_to=home, by=by, at=at)
        return self.find()


class RefuseReturn(CommandView):
    """Refuse a return."""

    scope, kinds = "orders", {OPERATOR}
    selector = aftersales.returns
    input, output = WhyInput, ReturnShape

    def call(self, data: Any, *, by: Actor, at: Any, return_id: UUID) -> Any:
        """Refuse it."""
        returns.refuse(self.find(), reason=data["reason"], by=by, at=at)
        return self.find()


class WithdrawReturn(CommandView):
    """Take a request back before it is decided."""

    scope, kinds = "orders", PARTIES
    selector = aftersales.returns
    input, output = WhyInput, ReturnShape

    def call(self, data: Any, *, by: Actor, at: Any, return_id: UUID) -> Any:
        """Withdraw it."""
        returns.withdraw(self.find(), reason=data["reason"], by=by, at=at)
        return self.find()
