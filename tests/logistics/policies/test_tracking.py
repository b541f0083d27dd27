"""The state of tracking is a function of the set of events."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from logistics.policies.tracking import CORRECTED, DELIVERED, KINDS, Seen, TrackingState, fold

START = datetime(2026, 1, 1, tzinfo=UTC)
seen = st.builds(
    Seen, st.sampled_from(KINDS), st.integers(0, 20).map(lambda hour: START + timedelta(hours=hour))
)


@given(st.lists(seen, max_size=12), st.data())
def test_permutation_and_duplication_change_nothing(events, data):
    shuffled = data.draw(st.permutations(events))
    repeated = data.draw(st.lists(st.sampled_from(events), max_size=6)) if events else []
    assert fold([*shuffled, *repeated]) == fold(events)


@given(st.lists(seen, max_size=12))
def test_delivered_stays_delivered_without_a_correction(events):
    plain = [event for event in events if event.kind != CORRECTED]
    delivered = Seen(DELIVERED, START)
    assert fold([*plain, delivered]).status == DELIVERED


@given(st.lists(seen, max_size=12))
def test_a_last_correction_takes_delivery_back(events):
    corrected = Seen(CORRECTED, START + timedelta(days=2))
    assert fold([*events, corrected]).status not in (DELIVERED, CORRECTED)


def test_nothing_seen_is_nothing_known():
    assert fold([]) == TrackingState("", None)
