"""How long a voucher may run."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.policies.voucher_term import judge

ISSUED = date(2026, 8, 31)


@pytest.mark.parametrize(
    ("where", "due", "warned", "refused"),
    [
        ("CN", date(2026, 9, 30), False, False),
        ("CN", date(2027, 2, 28), False, False),
        ("CN", date(2027, 3, 1), True, False),
        ("CN", date(2027, 8, 31), True, False),
        ("CN", date(2027, 9, 1), False, True),
        ("DE", date(2030, 1, 1), False, False),
        ("CN", ISSUED, False, True),
        ("DE", ISSUED, False, True),
    ],
)
def test_china_warns_over_six_months_and_refuses_over_twelve(
    where: str, due: date, warned: bool, refused: bool
) -> None:
    said = judge(where, ISSUED, due)
    assert (bool(said.warning), bool(said.refusal)) == (warned, refused)


@given(st.sampled_from(["CN", "DE"]), st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 800))
def test_a_shorter_term_is_never_judged_harder(where: str, issued: date, days: int) -> None:
    def hardness(term: int) -> int:
        said = judge(where, issued, issued + timedelta(term))
        return 2 if said.refusal else 1 if said.warning else 0

    assert hardness(days) <= hardness(days + 1)
