"""Buffers against the worked example of the method, and what they promise."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from orders.policies import buffer
from tests.support.examples import examples

TODAY = date(2026, 11, 23)
PROFILE = buffer.Profile(Decimal("0.5"), Decimal("0.5"), order_cycle_days=7)
GOLDEN = buffer.zones(daily_usage=Decimal(10), lead_time_days=Decimal(20), profile=PROFILE, minimum=50)


def test_the_worked_example():
    assert (GOLDEN.red_base, GOLDEN.red_safety, GOLDEN.yellow, GOLDEN.green) == (100, 50, 200, 100)
    assert (GOLDEN.top_of_red, GOLDEN.top_of_yellow, GOLDEN.top_of_green) == (150, 350, 450)
    assert buffer.to_order(buffer.shortfall(GOLDEN, 340), minimum=50, multiple=1) == 110
    assert buffer.to_order(buffer.shortfall(GOLDEN, 350), minimum=50, multiple=1) == 0


def test_colours_of_what_is_on_hand():
    found = [buffer.colour(GOLDEN, on_hand) for on_hand in (74, 75, 150, 350, 451)]
    assert found == ["DARK_RED", "RED", "YELLOW", "GREEN", "BLUE"]


days = st.dictionaries(
    st.integers(-20, 40).map(lambda ahead: TODAY + timedelta(days=ahead)), st.integers(0, 200)
)


@given(days, st.integers(0, 30), st.integers(1, 100), st.integers(1, 40))
@settings(max_examples=examples(100), deadline=None)
def test_a_small_order_for_later_changes_nothing_and_a_due_one_counts(demand, horizon, threshold, ahead):
    asked = {"today": TODAY, "horizon_days": horizon, "threshold": threshold}
    before = buffer.qualified(demand, **asked)
    day = TODAY + timedelta(days=ahead)
    grown = {**demand, day: demand.get(day, 0) + 1}
    after = buffer.qualified(grown, **asked)
    if grown[day] < threshold or ahead > horizon:
        assert after == before
    due = {**demand, TODAY: demand.get(TODAY, 0) + 7}
    assert buffer.qualified(due, **asked) == before + 7


@given(st.integers(-100, 10_000), st.integers(1, 500), st.integers(1, 60))
@settings(max_examples=examples(100), deadline=None)
def test_orders_are_whole_multiples_and_never_short(lacks, minimum, multiple):
    found = buffer.to_order(lacks, minimum=minimum, multiple=multiple)
    if lacks <= 0:
        assert found == 0
    else:
        assert found % multiple == 0
        assert found >= max(lacks, minimum)
        assert found - multiple < max(lacks, minimum)
