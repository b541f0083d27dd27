"""Small tallies lean on wider ones, large ones speak for themselves, and outlooks rise with the chances."""

from math import log

from hypothesis import given
from hypothesis import strategies as st

from logistics.policies.arrivals import Ahead, Driven, look_ahead, quantile
from logistics.policies.pace import LEG, UNKNOWN, Paces, Tally, learned, leg_keys, shared

ratios = st.lists(st.floats(-1, 1), min_size=1, max_size=30)


def tally(values):
    return Tally(len(values), sum(values), sum(value * value for value in values))


@given(ratios, ratios)
def test_tallies_of_different_weeks_add_up(one, other):
    together = tally([*one, *other])
    added = Tally(
        *(left + right for left, right in zip(vars_of(tally(one)), vars_of(tally(other)), strict=True))
    )
    prior = UNKNOWN[LEG]
    assert abs(learned(prior, together).mean - learned(prior, added).mean) < 1e-9
    assert abs(learned(prior, together).deviation - learned(prior, added).deviation) < 1e-6


def vars_of(told):
    return told.count, told.log_sum, told.log_square_sum


@given(ratios)
def test_what_is_learned_lies_between_what_was_known_and_what_was_seen(values):
    seen = sum(values) / len(values)
    mean = learned(UNKNOWN[LEG], tally(values)).mean
    assert min(0.0, seen) - 1e-9 <= mean <= max(0.0, seen) + 1e-9


def test_many_observations_speak_for_themselves():
    found = learned(UNKNOWN[LEG], tally([0.4, 0.6] * 5_000))
    assert abs(found.mean - 0.5) < 0.01
    assert abs(found.deviation - 0.1) < 0.01
    assert learned(UNKNOWN[LEG], None) == UNKNOWN[LEG]


def test_a_leg_is_known_by_its_length_and_hour():
    assert leg_keys(5_000, 8) == ("", "short", "short@08")
    assert leg_keys(5_001, 17)[2] == "middle@17"
    assert leg_keys(10**6, 0)[1] == "farthest"
    rush = Paces({(LEG, "short@08"): tally([log(1.5)] * 500)})
    assert rush.leg(1_000, 8).mean > 0.35 > rush.leg(1_000, 9).mean


def test_slow_legs_make_the_rest_of_the_trip_slow():
    nothing = shared([], 0.2, 0.1)
    assert (nothing.mean, round(nothing.deviation, 9)) == (0.0, 0.1)
    slow = shared([0.3, 0.3, 0.3], 0.2, 0.1)
    assert 0.1 < slow.mean < 0.3
    assert slow.deviation < 0.1
    stops = [Ahead("a", "", 10_000, 900, 0, 0, 10**9)]
    usual = look_ahead(stops, starts_s=0, paces=Paces(), hour_of=lambda _: 12)
    driven = [Driven(10_000, 12, 0.3)] * 3
    slower = look_ahead(stops, starts_s=0, paces=Paces(), hour_of=lambda _: 12, driven=driven)
    assert slower[0].p50_s > usual[0].p50_s


@given(
    st.lists(st.tuples(st.integers(0, 50_000), st.integers(0, 3_600)), min_size=1, max_size=6),
    st.integers(0, 99),
)
def test_outlooks_rise_with_the_chances_and_along_the_way(legs, seed):
    stops = [Ahead(str(row), "", leg_m, leg_s, 600, 0, 1e9) for row, (leg_m, leg_s) in enumerate(legs)]
    found = look_ahead(stops, starts_s=0, paces=Paces(), hour_of=lambda _: 8, seed=seed, draws=40)
    assert all(one.p50_s <= one.p80_s for one in found)
    assert [one.p80_s for one in found] == sorted(one.p80_s for one in found)
    again = look_ahead(stops, starts_s=0, paces=Paces(), hour_of=lambda _: 8, seed=seed, draws=40)
    assert found == again


def test_nobody_is_served_before_the_place_opens_and_lateness_is_counted():
    stops = [Ahead("a", "", 1, 60, 600, 7_200, 9_000), Ahead("b", "", 1, 60, 600, 0, 0)]
    first, second = look_ahead(stops, starts_s=0, paces=Paces(), hour_of=lambda _: 8)
    assert first.p80_s < 120
    assert second.p50_s > 7_200 + 300
    assert (first.late_share, first.lateness_s) == (0.0, 0)
    assert second.late_share == 1.0
    assert second.lateness_s > 7_200


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_quantile_is_reached_by_its_share(chances, share):
    ordered = sorted(chances)
    at = quantile(ordered, share)
    assert sum(one <= at for one in ordered) >= share * len(ordered) - 1e-9
