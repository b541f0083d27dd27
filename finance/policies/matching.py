"""Match bank lines to invoices, from cheap to dear: names, amounts, first ones, sums, several payments, a person.

Nothing ambiguous is ever posted: it becomes proposals that name how many alternatives there were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from finance.policies import match_amount, match_reference, match_together
from finance.policies.open_items import POST, PROPOSE, Credit, Decision, OpenInvoice, OpenItems

RULE_VERSION: Final = "2026.2"
Rule = Callable[[Credit, OpenItems], Decision | None]


def decide(received: Sequence[Credit], invoices: Iterable[OpenInvoice]) -> list[Decision]:
    """Decide all credits; the same input gives the same decisions, in the order given.

    Promise: the parts of a decision are positive and what is paid sums, with `left`, to the credit's amount when it is
    posted; over all posted decisions no invoice gets more than was open; an ambiguous credit is never posted.
    """
    items = OpenItems()
    items.add(invoices)
    named = by_reference(received, items)
    others = by_amount([one for one in received if one.line_id not in named], items)
    found = {**named, **others}
    return [found[one.line_id] for one in received]


def by_reference(received: Sequence[Credit], items: OpenItems) -> dict[int, Decision]:
    """Decide the credits that name invoices we know; the others are left for `by_amount`, after all of these."""
    items.named.update(key for one in received for key in one.references)
    return _each(match_reference.decide, received, items)


def by_amount(received: Sequence[Credit], items: OpenItems) -> dict[int, Decision]:
    """Decide the credits that name nothing, each by itself and then those that make sense only together."""
    found = _each(match_amount.decide, received, items)
    together = match_together.decide([one for one in found.values() if one.action != POST], items)
    for one in together:
        items.take(one)
        found[one.credit.line_id] = one
    proposals = [one for one in found.values() if one.action == PROPOSE]
    found.update((one.credit.line_id, one) for one in match_together.order(proposals))
    return found


def _each(rule: Rule, received: Sequence[Credit], items: OpenItems) -> dict[int, Decision]:
    found = {}
    for credit in received:
        decision = rule(credit, items)
        if decision is None:
            continue
        if decision.action == POST:
            items.take(decision)
        found[credit.line_id] = replace(decision, group=decision.group or credit.line_id)
    return found
