"""Decide a credit that names nothing by what its payer owes: one invoice, the first ones, or the only few that fit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from finance.policies import subset_sum
from finance.policies.open_items import CASE, POST, PROPOSE, Credit, Decision, OpenInvoice, OpenItems, Part

MILLI: Final = 3  # amounts have at most three decimals
FEW: Final = 30  # of so many items each set of up to four can be told from chance
ROUND: Final = Decimal(10)  # multiples of it are paid by many sets
SHOWN: Final = 10


def decide(credit: Credit, items: OpenItems) -> Decision:
    """Return the decision; what fits in two ways, or whose payer is not known, is never posted."""
    if credit.payer_id is None:
        return _by_anybody(credit, items)
    owed = items.of_dealer(credit.payer_id, credit.currency)
    same = [one for one in owed if items.left(one.reference_key) == credit.amount]
    told = [one for one in same if any(one.digits.endswith(piece) for piece in credit.fragments)]
    if len(same) > 1 and len(told) == 1:
        why = f"of {len(same)} with this amount the text holds digits of {told[0].reference_key}"
        return Decision(credit, POST, "amount_and_digits", why, items.whole(told))
    if len(same) > 1:
        why = f"{len(same)} invoices open by the payer have exactly this amount"
        return _offered(credit, items, [(one,) for one in same], "amount", why)
    return _by_sum(credit, items, owed, same)


def _by_anybody(credit: Credit, items: OpenItems) -> Decision:
    same = items.of_amount(credit.currency, credit.amount)
    if not same:
        return Decision(credit, CASE, "none", "no invoice is named and none has this amount")
    same.sort(key=lambda one: not any(one.digits.endswith(piece) for piece in credit.fragments))
    why = f"{len(same)} invoices open by anybody have exactly this amount"
    return _offered(credit, items, [(one,) for one in same], "amount", why)


def _by_sum(
    credit: Credit, items: OpenItems, owed: Sequence[OpenInvoice], same: Sequence[OpenInvoice]
) -> Decision:
    """Choose one invoice, the first ones, or the only set that fits; prefer what needs the least chance."""
    found, rule, why = [tuple(same)] if same else [], "amount", "the payer owes exactly this amount once"
    first = _first(credit.amount, owed, items)
    if not found and first:
        is_all = len(first) == len(owed)
        rule = "whole_account" if is_all else "first_due"
        why = (
            "all that the payer owes"
            if is_all
            else f"the {len(first)} invoices of the payer that fall due first"
        )
        found = [first]
    rivals = _rivals(credit, items, owed, found[0] if found else ())
    if found and not rivals:
        return Decision(credit, POST, rule, why, items.whole(found[0]))
    if not found and len(rivals) == 1 and len(owed) <= subset_sum.ITEMS:
        why = f"the only {len(rivals[0])} of {len(owed)} invoices of the payer that come to this amount"
        return Decision(credit, POST, "subset", why, items.whole(rivals[0]))
    choices = [*found, *rivals]
    if not choices:
        return Decision(
            credit, CASE, "none", "no invoice is named, and nothing the payer owes comes to this amount"
        )
    why = f"{len(choices)} or more sets of what the payer owes come to this amount"
    return _offered(credit, items, choices, rule if found else "subset", why)


def _first(amount: Decimal, owed: Sequence[OpenInvoice], items: OpenItems) -> tuple[OpenInvoice, ...]:
    """Return the first invoices to fall due that come to the amount exactly, two at least."""
    total = Decimal(0)
    for count, one in enumerate(owed, 1):
        total += items.left(one.reference_key)
        if total >= amount:
            return tuple(owed[:count]) if total == amount and count > 1 else ()
    return ()


def _rivals(
    credit: Credit, items: OpenItems, owed: Sequence[OpenInvoice], chosen: Sequence[OpenInvoice]
) -> list[tuple[OpenInvoice, ...]]:
    """Return up to two other sets that would explain the amount as well as the one chosen.

    Of few items, or of round amounts, each set of up to four counts, and what all but so many come to; of many items a
    set counts only when it is no larger than the chosen one or a pair, for larger ones fit by chance.
    """
    few = len(owed) <= FEW
    if len(owed) > subset_sum.ITEMS:
        owed = [] if chosen and credit.amount % ROUND else owed[: subset_sum.ITEMS]
    largest = 4 if few or not chosen or not credit.amount % ROUND else min(4, max(2, len(chosen)))
    sizes = range(1, largest + 1)
    amounts = [_milli(items.left(one.reference_key)) for one in owed]
    sets = subset_sum.solutions(amounts, _milli(credit.amount), sizes=sizes, stop=3)
    found = [tuple(owed[index] for index in one) for one in sets]
    rest = sum(amounts) - _milli(credit.amount)
    if few and rest > 0:
        found += [
            tuple(item for index, item in enumerate(owed) if index not in one)
            for one in subset_sum.solutions(amounts, rest, sizes=sizes, stop=3)
        ]
    unlike = {frozenset(one.reference_key for one in chosen)}
    rivals = []
    for one in found:
        names = frozenset(item.reference_key for item in one)
        if names not in unlike:
            unlike.add(names)
            rivals.append(one)
    return rivals[:2]


def _milli(amount: Decimal) -> int:
    return int(amount.scaleb(MILLI))


def _offered(
    credit: Credit, items: OpenItems, sets: Sequence[Sequence[OpenInvoice]], rule: str, why: str
) -> Decision:
    choices: tuple[tuple[Part, ...], ...] = tuple(items.whole(one) for one in sets[:SHOWN])
    return Decision(credit, PROPOSE, rule, why, choices[0], len(sets) - 1, choices=choices)
