"""What is posted by itself is right, always; and most of what can be known is posted (anchor's tests 20 and 21)."""

from __future__ import annotations

from collections import Counter

import pytest

from finance.policies import matching
from finance.policies.open_items import POST, PROPOSE, Decision, OpenItems
from tests.support.remittances import DISCOUNT, Labelled, noisy, with_references

SEEDS = (1, 2, 3)


def decided(made: Labelled) -> dict[int, Decision]:
    items = OpenItems(discounts=dict.fromkeys(range(10_000), DISCOUNT))
    items.add(made.invoices)
    named = matching.by_reference(made.credits, items)
    return {**named, **matching.by_amount([one for one in made.credits if one.line_id not in named], items)}


def judged(made: Labelled) -> tuple[Counter[str], Counter[str], list[object]]:
    """Return how many of each kind should be posted, how many were rightly, and what was posted wrongly."""
    wanted, right, wrong = Counter[str](), Counter[str](), list[object]()
    doubles = {line for line, kind in made.kinds.items() if kind == "double"}
    for line, decision in decided(made).items():
        kind, truth = made.kinds[line], made.truth[line]
        wanted[kind] += bool(truth)
        if decision.action != POST:
            continue
        posted = {part.invoice.reference_key: part.amount for part in decision.parts}
        # Which of two equal payments is the double nobody can tell.
        is_right = posted == truth or (line in doubles and posted in [made.truth[one] for one in doubles])
        right[kind] += is_right
        if not is_right:
            wrong.append((kind, decision.rule, decision.explanation, truth))
    return wanted, right, wrong


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("make", "recall"), [(with_references, 0.95), (noisy, 0.80)])
def test_20_what_is_posted_is_right_and_most_is_posted(make, recall, seed):
    wanted, right, wrong = judged(make(seed, 600))
    assert not wrong
    assert right.total() >= recall * wanted.total(), {kind: (right[kind], wanted[kind]) for kind in wanted}


def test_21_the_same_input_gives_the_same_decisions_and_each_explains_itself():
    made = noisy(5, 200)
    first = decided(made)
    assert first == decided(made)
    assert all(one.explanation and one.rule for one in first.values())
    assert all(
        one.alternatives == len(one.choices) - 1 or one.alternatives >= 9
        for one in first.values()
        if one.action == PROPOSE
    )
