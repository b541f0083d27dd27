"""A financing played again: golden cases by hand, and promises whatever was paid when."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from finance.policies import financing_accounts, financing_replay, waterfall
from finance.policies.financing_accounts import Parties
from finance.policies.financing_replay import Paid, Terms, state
from tests.support.examples import examples

START = date(2026, 3, 2)
PARTIES = Parties(debtor=1, borrower=2, funder=3)
ORDER = ("FEE", "PENALTY", "INTEREST", "PRINCIPAL")


def terms(**changes: object) -> Terms:
    """Return a loan of 10,000.00 at 18 % over 30 days."""
    common: dict[str, object] = {
        "drawn": START, "principal": 1_000_000, "fee": 0, "prepaid": 0, "rate": Decimal("0.18"),
        "penalty_rate": Decimal("0.06"), "day_count": "ACT/360", "grace_days": 0, "waterfall": ORDER,
        "due": ((START + timedelta(30), 1_000_000),),
    }  # fmt: skip
    return Terms(**{**common, **changes})  # type: ignore[arg-type]


def day(number: int) -> date:
    return START + timedelta(number)


def test_seven_days_cost_thirty_five() -> None:
    found = state(terms(), [], day(7))
    assert (found.owed["INTEREST"], found.total) == (3_500, 1_003_500)


def test_interest_follows_what_is_still_owed() -> None:
    found = state(terms(), [Paid(day(10), 505_000)], day(30))
    # 10 days on 10,000 are 50.00, then 20 days on 5,000 are 50.00.
    assert found.settled["INTEREST"] == 5_000
    assert found.owed == {"PRINCIPAL": 500_000, "INTEREST": 5_000, "FEE": 0, "PENALTY": 0}


def test_late_interest_runs_on_what_is_overdue_after_the_days_of_grace() -> None:
    late = terms(grace_days=5)
    assert state(late, [], day(35)).owed["PENALTY"] == 0
    found = state(late, [], day(45))
    assert found.owed["PENALTY"] == 1_667  # 10 days at 6 % on 10,000
    assert (found.overdue, found.overdue_since) == (1_000_000, day(30))
    assert financing_replay.days_past_due(found, day(45)) == 15


def test_interest_kept_back_is_earned_day_by_day_and_given_back_when_paid_early() -> None:
    bought = terms(prepaid=15_000)
    half = state(bought, [], day(15))
    assert (half.owed["INTEREST"], half.unearned, half.to_settle) == (0, 7_500, 992_500)
    early = state(bought, [Paid(day(15), 992_500)], day(40))
    assert (early.total, early.unearned, early.excess, early.accrued) == (0, 0, 0, 7_500)
    whole = state(bought, [Paid(day(15), 1_000_000)], day(40))
    assert (whole.total, whole.excess) == (0, 7_500)
    on_time = state(bought, [Paid(day(30), 1_000_000)], day(40))
    assert (on_time.total, on_time.excess, on_time.accrued) == (0, 0, 15_000)


def test_what_is_written_off_is_the_funders_loss() -> None:
    found = state(terms(), [Paid(day(10), 505_000)], day(60))
    said = financing_accounts.balances(terms(), found, PARTIES, written_off=True)
    assert said["8190:3"] == found.total
    assert "8110:1" not in said
    assert sum(said.values()) == 0


TERMS = st.builds(
    terms,
    principal=st.just(1_000_000),
    fee=st.integers(0, 5_000),
    prepaid=st.sampled_from([0, 15_000, 40_000]),
    rate=st.decimals("0", "0.36", places=3),
    penalty_rate=st.decimals("0", "0.24", places=3),
    day_count=st.sampled_from(["ACT/360", "ACT/ACT", "30E/360"]),
    grace_days=st.integers(0, 10),
    waterfall=st.permutations(waterfall.PARTS).map(tuple),
    due=st.sampled_from(
        [((day(30), 1_000_000),), ((day(10), 300_000), (day(20), 300_000), (day(30), 400_000))]
    ),
)
PAYMENTS = st.lists(st.builds(Paid, st.integers(-3, 80).map(day), st.integers(1, 700_000)), max_size=8)


@given(TERMS, PAYMENTS, st.integers(0, 90), st.randoms())
@settings(max_examples=examples(200))
def test_the_order_of_entry_makes_no_difference_and_every_cent_is_accounted_for(
    made: Terms, paid: list[Paid], until: int, luck: object
) -> None:
    found = state(made, paid, day(until))
    luck.shuffle(paid)  # type: ignore[attr-defined]
    assert state(made, paid, day(until)) == found
    assert sum(financing_accounts.balances(made, found, PARTIES).values()) == 0
    assert sum(financing_accounts.balances(made, found, PARTIES, written_off=True).values()) == 0
    assert min(*found.owed.values(), found.unearned, found.excess) >= 0
    came = sum(one.amount for one in paid if one.day <= day(until))
    given_back = made.prepaid - found.unearned - min(made.prepaid, found.accrued) if not found.total else 0
    assert sum(found.settled.values()) + found.excess == came + max(0, given_back)


@given(TERMS, PAYMENTS, st.integers(0, 80))
@settings(max_examples=examples(100))
def test_paying_what_settles_it_settles_it(made: Terms, paid: list[Paid], on: int) -> None:
    before = [one for one in paid if one.day < day(on)]
    open_today = state(made, before, day(on))
    after = state(made, [*before, Paid(day(on), open_today.to_settle)], day(on + 20))
    assert after.total == after.unearned == 0
