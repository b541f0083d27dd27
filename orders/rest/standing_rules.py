"""What new cycles of a category, or all new cycles, take over: operators read, declare and withdraw it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from b2b.core.actor import OPERATOR, Actor
from b2b.core.errors import NotFound
from b2b.http.views import CommandView, ListView
from orders.rest.shapes.aftersales import WhyInput
from orders.rest.shapes.cycle import StandingRulesInput, StandingRulesShape
from orders.rest.shapes.prices import TermsChangeShape
from orders.selectors import price_list
from orders.selectors import standing_rules as selectors
from orders.services import standing_rules


class ManyStandingRules(ListView, CommandView):
    """List the rules that new cycles take over; POST declares those of a category, or of everyone."""

    scope, kinds = "orders", {OPERATOR}
    selector = selectors.visible
    serializer = output = StandingRulesShape
    input = StandingRulesInput

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Declare what is named; the rest stays as it was."""
        rest = {name: data.pop(name) for name in ("window_days", "recurrence", "reason") if name in data}
        return standing_rules.put(data.pop("category"), policy=data, **rest, by=by, at=at)


class WithdrawStandingRules(CommandView):
    """Let rules stand no longer; new cycles take over everyone's, or the usual ones."""

    scope, kinds = "orders", {OPERATOR}
    input, output = WhyInput, StandingRulesShape

    def call(self, data: Any, *, by: Actor, at: Any, rules_id: int) -> Any:
        """Withdraw the rules."""
        return standing_rules.withdraw(_found(by, rules_id), **data, by=by, at=at)


class StandingRulesChanges(ListView):
    """List who declared rules of a category when and why, latest first."""

    scope, kinds = "orders", {OPERATOR}
    serializer = TermsChangeShape

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the changes of the rules in the URL.

        :raises NotFound: when there are none.
        """
        rules_id = self.kwargs.get("rules_id", 0)
        if self.kwargs:
            _found(actor, rules_id)
        return price_list.changes(actor, standing_rules.SUBJECT, rules_id)


def _found(actor: Actor, rules_id: int) -> Any:
    found = selectors.known(actor).filter(pk=rules_id).first()
    if found is None:
        raise NotFound
    return found
