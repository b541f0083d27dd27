"""A number tells its party how many documents of its own came before, and of nobody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.policies.numbering import COUNT_DIGITS, value_of
from finance.policies.references import PREFIX, reference_key, references, series

parties = st.integers(0, 2_000_000)
counts = st.integers(1, 10**COUNT_DIGITS - 1)


@given(st.tuples(parties, counts), st.tuples(parties, counts))
def test_no_two_documents_have_one_number(one, other):
    assert (value_of(*one) == value_of(*other)) == (one == other)


@given(parties, counts, counts)
def test_two_numbers_of_a_party_differ_by_its_own_documents(party, first, second):
    assert value_of(party, second) - value_of(party, first) == second - first


@given(parties, counts)
def test_a_bank_finds_the_number_in_a_text(party, count):
    mine = series(PREFIX, "MID")
    text = f"payment inv mid {value_of(party, count)} with thanks"
    assert references(text, [mine]) == (reference_key(mine, value_of(party, count)),)


@pytest.mark.parametrize("count", [0, 10**COUNT_DIGITS])
def test_a_count_has_seven_digits(count):
    with pytest.raises(ValueError, match="no count"):
        value_of(1, count)
