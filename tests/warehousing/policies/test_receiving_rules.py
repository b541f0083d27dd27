from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from warehousing.policies import replenishment, tolerance


@dataclass(frozen=True)
class Rule:
    product_id: int | None
    category: str
    factory_id: int | None


rules = st.lists(
    st.builds(
        Rule,
        st.none() | st.integers(1, 2),
        st.sampled_from(["", "tools", "food"]),
        st.none() | st.integers(1, 2),
    ),
    max_size=8,
)


@given(rules)
def test_the_narrowest_fitting_rule_decides(given_rules: list[Rule]) -> None:
    found = tolerance.narrowest(given_rules, product_id=1, category="tools", factory_id=1)
    fitting = [
        rule
        for rule in given_rules
        if rule.product_id != 2 and rule.category != "food" and rule.factory_id != 2
    ]
    assert (found is None) == (not fitting)
    if found is not None:
        assert found in fitting
        if any(rule.product_id for rule in fitting):
            assert found.product_id == 1


@given(st.integers(0, 10**9), st.integers(0, 100))
def test_tolerance_is_rounded_down(expected: int, percent: int) -> None:
    most = tolerance.most(expected, percent)
    assert expected <= most
    assert (most - expected) * 100 <= expected * percent


quantities = st.integers(0, 1000)


@given(quantities, quantities, quantities, quantities, st.integers(1, 24))
def test_replenishment_keeps_to_what_it_promises(
    minimum: int, more: int, there: int, coming: int, pack: int
) -> None:
    maximum = minimum + more
    brought = replenishment.wanted(minimum=minimum, maximum=maximum, there=there, coming=coming, pack=pack)
    assert brought % pack == 0
    if there + coming >= minimum:
        assert brought == 0
    else:
        assert maximum - pack < there + coming + brought <= maximum or brought == 0
