"""Levelling, the nervousness budget, splitting, promising, and the bullwhip of the textbook."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.policies import production_plan as plan
from orders.policies import signal_reason
from tests.support.examples import examples

FENCES = plan.Fences()
weeks = st.lists(st.integers(0, 100), min_size=1, max_size=10)


def test_the_ladder_falls_with_the_distance():
    steps = [FENCES.commitment(week) for week in (0, 1, 2, 3, 4, 7, 8, 12)]
    assert steps == ["FIRM", "FIRM", "MAKE", "MAKE", "BUY_MATERIAL", "BUY_MATERIAL", "FORECAST", "FORECAST"]


@given(weeks, st.data())
@settings(max_examples=examples(100), deadline=None)
def test_levelled_weeks_keep_the_sum_and_their_capacity(wanted, data):
    room = data.draw(st.lists(st.integers(-5, 80), min_size=len(wanted), max_size=len(wanted)))
    found = plan.level(wanted, room)
    assert sum(found) == sum(wanted)
    assert all(one <= max(0, most) for one, most in zip(found[:-1], room, strict=False))
    if sum(wanted) <= sum(max(0, one) for one in room):
        assert found[-1] <= max(0, room[-1])
    # Earlier where it can be: no week takes what a later one could have made alone.
    assert plan.level(wanted, None) == wanted


def test_peaks_are_made_ahead_and_what_cannot_is_late():
    assert plan.level([10, 10, 50, 10], [30] * 4) == [10, 30, 30, 10]
    assert plan.level([50, 0, 0], [30] * 3) == [30, 20, 0]


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 12))
@settings(max_examples=examples(200), deadline=None)
def test_what_is_told_again_moves_within_its_budget(told, wanted, week):
    found = plan.calm(told, wanted, week=week, fences=FENCES)
    assert min(told, wanted) <= found <= max(told, wanted)
    if abs(wanted - told) * 10_000 <= told * FENCES.deadband_bp:
        assert found == told
    if told and week < FENCES.material_weeks:
        assert abs(found - told) <= told // 2
    # Told again without news it stays.
    assert plan.calm(found, found, week=week, fences=FENCES) == found


@given(st.integers(0, 10_000), st.dictionaries(st.text("abc", min_size=1), st.integers(0, 50), min_size=1))
@settings(max_examples=examples(100), deadline=None)
def test_parts_sum_and_stay_within_one_of_their_share(quantity, weights):
    parts = plan.split(quantity, weights)
    assert sum(parts.values()) == quantity
    total = sum(weights.values())
    if total:
        assert all(abs(parts[key] * total - quantity * weight) < total for key, weight in weights.items())


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8), st.data())
@settings(max_examples=examples(100), deadline=None)
def test_what_may_be_promised_breaks_no_promise(buckets, data):
    supply, promised = [one for one, _ in buckets], [two for _, two in buckets]
    found = plan.promise(supply, promised)
    at = data.draw(st.integers(0, len(buckets) - 1))
    balance = [sum(supply[: i + 1]) - sum(promised[: i + 1]) for i in range(len(buckets))]
    if all(one >= 0 for one in balance):
        more = [one + (found[at] if index == at else 0) for index, one in enumerate(promised)]
        after = [sum(supply[: i + 1]) - sum(more[: i + 1]) for i in range(len(buckets))]
        assert all(one >= 0 for one in after)
        # One more would break one.
        assert min(after[at:]) == 0


@pytest.mark.parametrize(("lead_time", "periods", "expected"), [(1, 5, 1.48), (4, 5, 3.88), (4, 20, 1.48)])
def test_order_up_to_with_a_moving_average_whips_as_the_paper_says(lead_time, periods, expected):
    assert plan.expected_bullwhip(lead_time, periods) == pytest.approx(expected)
    draw = random.Random(3)
    demand = [draw.gauss(1000, 30) for _ in range(40_000)]
    orders, window = [], demand[: periods + 1]
    for value in demand[periods + 1 :]:
        before, window = sum(window[:-1]) / periods, window[1:]
        now = sum(window) / periods
        orders.append(window[-1] + lead_time * (now - before))
        window = [*window, value]
    assert plan.bullwhip(orders, demand) == pytest.approx(expected, rel=0.04)


def test_demand_that_does_not_vary_whips_nothing():
    assert plan.bullwhip([1, 5, 9], [4, 4, 4]) == 0


def test_a_reason_is_the_same_text_and_the_same_result_again():
    facts = {
        "lead_time_factor": "0.5", "variability_factor": "0.5", "order_cycle_days": 7, "spike_horizon_days": None,
        "spike_basis_points": 5000, "daily_usage": "10", "lead_time_days": "20", "zone_factor": "1", "moq": 50,
        "order_multiple": 1, "horizon_days": 20, "today": "2026-11-23", "on_hand": 300, "on_order": 65,
        "demand": {"2026-11-20": 20, "2026-11-25": 5},
    }  # fmt: skip
    text = signal_reason.written(facts)
    assert signal_reason.written(dict(reversed(facts.items()))) == text
    assert signal_reason.result_of(facts)["net_flow"] == 345
    assert signal_reason.result_of(facts)["quantity"] == 105
    assert signal_reason.recompute(text) == signal_reason.recompute(text)
    assert signal_reason.recompute(text) != signal_reason.recompute(text.replace("300", "301"))
