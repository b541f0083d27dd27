"""Decide credits that make sense only together, and let proposals not all point at the same invoice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from typing import Final

from finance.policies import assignment
from finance.policies.open_items import POST, PROPOSE, Credit, Decision, OpenInvoice, OpenItems, Part

MOST_CREDITS: Final = 12  # a dealer that sends more at once is not splitting one payment
NAMED: Final = 4
DUE: Final = 2


def decide(undecided: Sequence[Decision], items: OpenItems) -> list[Decision]:
    """Return the decisions that take the place of the undecided ones of the same credits."""
    groups: dict[tuple[int, str], list[Credit]] = defaultdict(list)
    for one in undecided:
        if one.credit.payer_id is not None and not one.choices:
            groups[one.credit.payer_id, one.credit.currency].append(one.credit)
    found: list[Decision] = []
    for (payer, currency), several in groups.items():
        if 2 <= len(several) <= MOST_CREDITS:
            found += _group(several, items.of_dealer(payer, currency), items)
    return found


def _group(several: Sequence[Credit], owed: Sequence[OpenInvoice], items: OpenItems) -> list[Decision]:
    total = sum((one.amount for one in several), Decimal(0))
    if owed and total == sum(items.left(one.reference_key) for one in owed):
        why = f"{len(several)} payments come to all that the payer owes"
        return list(_pour(several, owed, items, why))
    for one in owed:
        left = items.left(one.reference_key)
        pairs = [pair for pair in combinations(several, 2) if pair[0].amount + pair[1].amount == left]
        twins = [other for other in owed if items.left(other.reference_key) == left]
        if len(pairs) == 1 and len(twins) == 1:
            return list(_pour(pairs[0], [one], items, f"two payments come to {one.reference_key}"))
    return []


def _pour(
    several: Sequence[Credit], owed: Sequence[OpenInvoice], items: OpenItems, why: str
) -> Iterator[Decision]:
    """Fill one invoice after the other from one credit after the other; the sums are equal."""
    waiting = [(one, items.left(one.reference_key)) for one in owed]
    for credit in several:
        rest, parts = credit.amount, []
        while rest:
            invoice, left = waiting[0]
            amount = min(rest, left)
            parts.append(Part.whole(invoice, amount))
            rest -= amount
            waiting[0] = (invoice, left - amount)
            if amount == left:
                waiting.pop(0)
        yield Decision(credit, POST, "together", why, tuple(parts), group=several[0].line_id)


def order(proposals: Sequence[Decision]) -> list[Decision]:
    """Put the choice of each proposal first that fits best when all proposals are looked at together.

    Only single invoices compete; what the text holds of a number counts most, then what is due.
    """
    scores: dict[int, dict[str, int]] = {}
    for one in proposals:
        singles = [choice[0] for choice in one.choices if len(choice) == 1]
        scores[one.credit.line_id] = {
            part.invoice.reference_key: _score(one.credit, part.invoice) for part in singles
        }
    best = assignment.assign(scores)
    return [_first(one, best.get(one.credit.line_id)) for one in proposals]


def _score(credit: Credit, invoice: OpenInvoice) -> int:
    holds = any(invoice.digits.endswith(piece) for piece in credit.fragments)
    return 1 + NAMED * holds + DUE * (invoice.due_date <= credit.value_date)


def _first(proposal: Decision, key: str | None) -> Decision:
    if key is None or proposal.action != PROPOSE:
        return proposal
    ordered = sorted(
        proposal.choices, key=lambda choice: [part.invoice.reference_key for part in choice] != [key]
    )
    return replace(proposal, parts=ordered[0], choices=tuple(ordered))
