"""What is declared is whole, and what is none of a cycle's rules is refused by its name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.models.cycle import default_policy
from orders.policies.cycle_policy import CHOICES, InvalidPolicy, declared, differences
from orders.policies.fair_share import POLICIES
from orders.policies.progress import Disclosure
from orders.policies.sharing import BASIS_POINTS, SharingRule
from orders.policies.shortage import ShortageRule

POINTS = st.tuples(st.integers(0, BASIS_POINTS), st.integers(0, BASIS_POINTS)).map(sorted)
VALID = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.sampled_from(known) for name, known in CHOICES.items()},
        "sharing": POINTS.map(
            lambda cut: {
                "dealer": cut[0],
                "platform": cut[1] - cut[0],
                "factory": BASIS_POINTS - cut[1],
            }
        ),
        "shortage": st.fixed_dictionaries({}, optional={"withdraw_hours": st.integers(0, 500)}),
        "progress": st.fixed_dictionaries({}, optional={"parts": st.integers(1, 50)}),
    },
)


@given(VALID, VALID)
def test_what_is_declared_is_whole_and_the_rest_stays(first, second):
    before = declared(first, default_policy())
    after = declared(second, before)
    assert set(after) == set(default_policy())
    SharingRule(**after["sharing"]), ShortageRule(**after["shortage"]), Disclosure(**after["progress"])
    assert after["fair_share"] in POLICIES
    for name, value in second.items():
        assert after[name] == ({**before[name], **value} if isinstance(value, dict) else value)
    assert {name: after[name] for name in after if name not in second} == {
        name: before[name] for name in before if name not in second
    }
    assert declared({}, after) == after
    assert (differences(before, after) == []) == (before == after)


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"fair_share": "mine"}, ["fair_share"]),
        ({"surplus": "ME", "given_up": "burn"}, ["surplus", "given_up"]),
        ({"sharing": {"dealer": 9000}}, ["sharing"]),
        ({"sharing": {"bank": 1}}, ["sharing"]),
        ({"sharing": 7}, ["sharing"]),
        ({"shortage": {"withdraw_hours": -1}}, ["shortage"]),
        ({"shortage": {"withdraw_hours": "soon"}}, ["shortage"]),
        ({"progress": {"fewest_dealers": 1}}, ["progress"]),
        ({"ceiling": 5}, ["ceiling"]),
    ],
)
def test_each_rule_that_is_none_is_named(given, fields):
    with pytest.raises(InvalidPolicy) as refused:
        declared(given, default_policy())
    assert [problem.field for problem in refused.value.problems] == fields
    assert all(problem.remedy and problem.message for problem in refused.value.problems)


def test_differences_are_told_in_words():
    after = declared({"fair_share": "equal", "sharing": {"dealer": 6000, "platform": 3000}}, default_policy())
    assert differences(default_policy(), after) == [
        "fair_share: proportional -> equal",
        "sharing.dealer: 7000 -> 6000",
        "sharing.platform: 2000 -> 3000",
    ]
