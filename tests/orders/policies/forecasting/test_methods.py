"""Each method against its own definition, one row at a time and slowly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.policies.forecasting import (
    accuracy,
    choice,
    exponential,
    intermittent,
    interval,
    seasonality,
    theta,
)
from tests.support.examples import examples

demands = st.lists(st.integers(0, 50), min_size=12, max_size=40).filter(lambda row: sum(row) > 0)


@given(demands)
@settings(max_examples=examples(40), deadline=None)
def test_croston_corrected_is_what_the_paper_says(row):
    size, interval_, gap, seen = 0.0, 1.0, 0, False
    for sold in row:
        gap += 1
        if sold:
            size = size + 0.1 * (sold - size) if seen else sold
            interval_ = interval_ + 0.1 * (gap - interval_) if seen else gap
            gap, seen = 0, True
    found = intermittent.croston(np.array([row], dtype=float)).rate[0, -1]
    assert found == pytest.approx(0.95 * size / interval_)


@given(demands)
@settings(max_examples=examples(40), deadline=None)
def test_aggregation_is_smoothing_of_sums_that_end_with_the_last_bucket(row):
    level = int(np.clip(np.rint(len(row) / sum(sold > 0 for sold in row)), 1, min(12, len(row) // 2)))
    rates = []
    for many in range(1, level + 1):
        begin = len(row) % many
        sums = [sum(row[at : at + many]) for at in range(begin, len(row), many)]
        # What is left over in front is the first sum, blown up to a whole one.
        first = sum(row[:begin]) * many / begin if begin else sums.pop(0)
        best = (np.inf, 0.0)
        for alpha in intermittent.ALPHAS:
            best = min(best, _smoothed(row, many, alpha, first, sums), key=lambda one: one[0])
        rates.append(best[1] / many)
    assert intermittent.aggregated(np.array([row], dtype=float)).rate[0, -1] == pytest.approx(np.mean(rates))


def _smoothed(row, many, alpha, first, sums):
    """Return the error over all places where sums may end, and the last level."""
    error, levels = 0.0, {}
    for at in range(len(row)):
        if at < many:
            levels[at] = sum(row[: at + 1]) * many / (at + 1)
            continue
        now = sum(row[at - many + 1 : at + 1])
        error += (now - levels[at - many]) ** 2
        levels[at] = levels[at - many] + alpha * (now - levels[at - many])
    level = first
    for now in sums:
        level += alpha * (now - level)
    assert level == pytest.approx(levels[len(row) - 1])
    return error, level


@given(st.lists(st.floats(1, 100), min_size=6, max_size=30))
@settings(max_examples=examples(30), deadline=None)
def test_smoothing_fits_no_worse_than_any_set_of_the_grid(row):
    series = np.array([row])
    level, slope = exponential.initial(series)
    best, error = exponential._fit_damped(series, level, slope)
    for alpha, ratio, phi in exponential.COARSE:
        now, trend, total = level[0], slope[0], 0.0
        for value in row:
            step = phi * trend
            miss = value - now - step
            total += miss * miss
            now, trend = now + step + alpha * miss, step + alpha * ratio * miss
        assert error[0] <= total * (1 + 1e-9) + 1e-9
    assert 0 < best[0, 0] < 1


def test_what_was_unknown_moves_nothing():
    plain = np.array([[5.0, 6.0, 7.0, 6.0, 5.0, 6.0, 7.0, 6.0]])
    late = np.concatenate([np.full((1, 9), np.nan), plain], axis=1)
    for method in (exponential.smooth, theta.fit, intermittent.croston):
        assert method(late).ahead(3)[0, -1] == pytest.approx(method(plain).ahead(3)[0, -1])


def test_theta_follows_a_line_at_part_of_its_slope():
    line = np.arange(1.0, 61.0)[None, :]
    found = theta.fit(line)
    assert found.ahead(1)[0, -1] == pytest.approx(61, abs=0.5)
    assert found.ahead(11)[0, -1] == pytest.approx(61 + 10 * 0.8, abs=0.5)


def test_theta_weighs_the_trend_as_a_search_would():
    series = np.random.default_rng(3).gamma(20, 5, (1, 50)) + np.arange(50) * 2.0
    times, intercept, slope = theta._lines_so_far(series)
    best = np.inf
    for alpha in theta.ALPHAS:
        pull = theta._pull(alpha, times, intercept, slope)[0]
        levels = theta._levels(series, np.array([alpha]))[0]
        for weight in np.linspace(0, 0.8, 801):
            miss = series[0, 3:] - levels[2:-1] - weight * pull[2:-1]
            if miss @ miss < best:
                best, wanted = miss @ miss, levels[-1] + weight * pull[-1]
    assert theta.fit(series).next[0, -1] == pytest.approx(wanted, rel=1e-3)


def test_seasons_are_found_where_they_are_and_mean_one():
    draw = np.random.default_rng(7)
    months = np.arange(60)
    wave = 100 * (1 + 0.3 * np.sin(2 * np.pi * months / 12))
    panel = np.stack([wave + draw.normal(0, 4, 60), 100 + np.cumsum(draw.normal(0, 1, 60))])
    found = seasonality.own(panel, 12)
    assert found[0].mean() == pytest.approx(1)
    assert found[0] == pytest.approx(1 + 0.3 * np.sin(2 * np.pi * (np.arange(12) + 60) / 12), abs=0.05)
    assert np.ptp(found[1]) < 0.1


def test_kinds_are_told_apart_at_the_limits_of_the_paper():
    steady = np.tile([10.0, 12.0], 20)
    wild = np.tile([1.0, 1.0, 1.0, 30.0], 10)
    rare = np.tile([0.0, 10.0, 0.0, 0.0], 10)
    lumpy = np.tile([0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 60.0], 5)
    kinds = choice.classify(np.stack([steady, wild, rare, lumpy]), 8)
    assert list(kinds) == [
        choice.Kind.SMOOTH,
        choice.Kind.ERRATIC,
        choice.Kind.INTERMITTENT,
        choice.Kind.LUMPY,
    ]


def test_a_method_is_left_only_for_one_that_misses_a_tenth_less():
    errors = np.full((6, 3), np.nan)
    errors[2], errors[3] = [10, 10, 10], [9.5, 8.9, 20]
    assert list(choice.choose(errors, np.full(3, 2))) == [2, 3, 2]


def test_errors_are_told_as_planners_know_them():
    errors, actual = np.array([[2.0, 2.0, np.nan, -1.0]]), np.array([[10.0, 10.0, np.nan, 10.0]])
    assert accuracy.bias(errors, actual)[0] == pytest.approx(0.1)
    assert accuracy.tracking_signal(errors)[0] == pytest.approx(3 / (5 / 3))
    assert accuracy.value_added(np.array([1.0, 3.0]), np.array([4.0, 2.0])) == pytest.approx([0.75, -0.5])
    assert accuracy.smape(np.array([0.0, 3.0]), np.array([0.0, 1.0])) == pytest.approx([0, 100])


def test_the_variance_of_a_lead_time_is_that_of_simple_smoothing():
    draw = np.random.default_rng(9)
    alpha, lead = 0.3, 4
    noise = draw.normal(0, 1, (40_000, lead))
    # The level moves by alpha times every surprise; the sum of what is not foreseen:
    sums = noise.sum(axis=1) + alpha * (np.cumsum(noise, axis=1)[:, :-1]).sum(axis=1)
    assert interval.growth(np.array([alpha]), lead)[0] == pytest.approx(sums.var(), rel=0.03)
