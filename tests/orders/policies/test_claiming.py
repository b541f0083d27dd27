"""What is claimed and accepted is split back over those who lost, to the cent."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from orders.policies.claiming import Loss, accepted, claimed, rate, split_answer, split_claim, spread

quantities = st.lists(st.integers(1, 500), min_size=1, max_size=8)
cents = st.integers(0, 10**9)


def losses(units: list[int]) -> list[Loss]:
    return [Loss(number, number, quantity) for number, quantity in enumerate(units)]


@given(st.sampled_from(["REJECTED", "MISSING"]), st.none() | st.integers(0, 10_000))
def test_what_was_never_owed_is_claimed_only_as_it_was_agreed(cause: str, declared: int | None) -> None:
    assert rate(cause, declared) * 10_000 == (declared or 0)
    assert rate("RETURNED", declared) == 1


@given(st.integers(0, 10_000), quantities)
def test_lost_units_are_spread_over_their_owners(lost: int, units: list[int]) -> None:
    found = spread(lost, losses(units))
    assert sum(loss.quantity for loss in found) == lost
    assert all(loss.quantity > 0 for loss in found)


@given(cents, quantities, st.data())
def test_a_claim_and_its_answer_sum_up_and_nobody_gets_more_than_it_claimed(
    amount: int, units: list[int], data: st.DataObject
) -> None:
    whole = Decimal(amount) / 100
    parts = split_claim(whole, losses(units), "CNY")
    assert sum(parts) == whole
    answer = Decimal(data.draw(st.integers(0, amount))) / 100
    back = split_answer(answer, parts, "CNY")
    assert sum(back) == answer
    assert all(0 <= given <= asked for given, asked in zip(back, parts, strict=True))


@given(st.integers(1, 10**6), st.decimals("0", "999", places=6), st.data())
def test_accepting_all_is_all_and_a_part_never_more(
    quantity: int, price: Decimal, data: st.DataObject
) -> None:
    amount = claimed(quantity, price, Decimal(1), "CNY")
    part = data.draw(st.integers(0, quantity))
    assert accepted(amount, quantity, quantity, "CNY") == amount
    assert 0 <= accepted(amount, quantity, part, "CNY") <= amount


def test_three_equal_losses_of_a_cent() -> None:
    assert split_claim(Decimal("0.01"), losses([1, 1, 1]), "CNY") == [Decimal("0.01"), 0, 0]
