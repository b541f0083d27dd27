"""What we compute keeps BR-CO-10 to BR-CO-17, and whoever breaks one of them is told which."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from b2b.core.money import exponent
from finance.policies import en16931
from finance.policies.tax import Tax
from tests.finance.policies.bills import bill


def test_a_thousand_random_invoices_keep_the_rules():
    chance = Random(16931)
    for _ in range(1_000):
        drawn = bill(chance)
        assert en16931.broken_rules(drawn) == []
        totals = drawn.totals
        assert totals.payable_amount == totals.gross_amount - totals.prepaid_amount + totals.rounding_amount


@pytest.mark.parametrize(
    ("field", "rules"),
    [
        ("line_amount", {"BR-CO-10", "BR-CO-13"}),
        ("allowance_amount", {"BR-CO-11", "BR-CO-13"}),
        ("charge_amount", {"BR-CO-12", "BR-CO-13"}),
        ("net_amount", {"BR-CO-13", "BR-CO-15"}),
        ("tax_amount", {"BR-CO-14", "BR-CO-15"}),
        ("gross_amount", {"BR-CO-15"}),
    ],
)
def test_a_total_that_is_a_cent_off_breaks_its_rules(field, rules):
    chance = Random(3)
    for _ in range(50):
        right = bill(chance)
        cent = Decimal(1).scaleb(-exponent(right.currency))
        wrong = replace(right, totals=replace(right.totals, **{field: getattr(right.totals, field) + cent}))
        assert {problem.code for problem in en16931.broken_rules(wrong)} == rules


def subtotals(right, **changes):
    first, *rest = right.totals.subtotals
    return replace(right, totals=replace(right.totals, subtotals=(replace(first, **changes), *rest)))


def codes(wrong) -> set[str]:
    return {problem.code for problem in en16931.broken_rules(wrong)}


def test_the_tax_of_a_rate_is_held_against_what_is_taxed():
    right = next(
        one for one in (bill(Random(n)) for n in range(99)) if one.lines[0].tax == Tax("S", Decimal("0.13"))
    )
    first = right.totals.subtotals[0]
    assert {"BR-CO-14", "BR-CO-17"} <= codes(subtotals(right, tax_amount=first.tax_amount + 10))
    assert any(
        code.endswith("-08") for code in codes(subtotals(right, taxable_amount=first.taxable_amount + 1))
    )


def test_sellers_may_round_tax_by_line():
    right = bill(Random(5))
    half = Decimal("0.005") * len(right.lines)
    first = right.totals.subtotals[0]
    nudged = subtotals(right, tax_amount=first.tax_amount + half)
    assert "BR-CO-17" not in codes(nudged)


def test_only_the_standard_category_has_a_rate():
    right = bill(Random(1))
    odd = replace(right.lines[0], tax=Tax("E", Decimal("0.13")))
    stated = replace(right.totals.subtotals[0], category="E", tax_rate=Decimal("0.13"))
    wrong = replace(right, lines=(odd,), totals=replace(right.totals, subtotals=(stated,)))
    assert "BR-E-05" in codes(wrong)
