from hypothesis import given
from hypothesis import strategies as st

from warehousing.policies.counting import Verdict, adjustment, verdict

quantities = st.integers(-1000, 1000)


@given(
    variance=quantities,
    expected=st.integers(0, 10_000),
    earlier=st.lists(quantities, max_size=4),
    tolerance=st.integers(0, 20),
    limit=st.integers(0, 500),
)
def test_what_is_booked_is_small_or_seen_twice_and_never_above_the_limit(
    variance: int, expected: int, earlier: list[int], tolerance: int, limit: int
) -> None:
    found = verdict(
        variance, expected=expected, earlier=earlier, tolerance_percent=tolerance, approval_units=limit
    )
    believed = abs(variance) * 100 <= tolerance * expected or (bool(earlier) and earlier[-1] == variance)
    assert (found is Verdict.RECOUNT) == (variance != 0 and not believed)
    if found is Verdict.BOOK:
        assert abs(variance) <= limit or variance == 0
    if found is Verdict.HOLD:
        assert abs(variance) > limit


@given(steps=st.lists(quantities, max_size=8), limit=st.integers(0, 500))
def test_nobody_alone_changes_more_than_the_limit_in_however_many_steps(steps: list[int], limit: int) -> None:
    alone = 0
    for step in steps:
        if adjustment(step, before=alone, approval_units=limit) is Verdict.BOOK:
            alone += abs(step)
        else:
            assert alone + abs(step) > limit
    assert alone <= limit
