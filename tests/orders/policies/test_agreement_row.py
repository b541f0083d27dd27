"""Rows of a price list: what is taken, and what is said of what is not."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.policies.agreement_row import Known, judge
from orders.policies.pricing import Break
from orders.policies.raw_row import RawRow

TODAY = date(2026, 11, 23)
KNOWN = Known(
    sellers={"FAC": 1}, buyers={"D1": 11}, groups={"TIER": 7}, products={"A": 21, "B": 22},
    seller_id=1, currency="CNY", today=TODAY,
)  # fmt: skip


def rows(*given):
    return [RawRow(number, values) for number, values in enumerate(given, start=2)]


def test_rows_of_one_scope_and_first_day_are_one_agreement():
    found = judge(
        rows(
            {"sku": "A", "min_quantity": "100", "unit_price": "8"},
            {"sku": "A", "unit_price": "10"},
            {
                "sku": "A",
                "group": "TIER",
                "unit_price": "9.5",
                "valid_from": "2027-01-01",
                "valid_to": "2027-01-31",
            },
            {"sku": "A", "buyer": "D1", "currency": "eur", "priority": "3", "unit_price": "1.250000"},
        ),
        KNOWN,
    )
    assert not found.problems
    by_audience = {one.scope.audience: one for one in found.drafts}
    everyone, groups, buyers = by_audience[0], by_audience[-7], by_audience[11]
    assert (buyers.scope.currency, buyers.scope.priority) == ("EUR", 3)
    assert everyone.breaks == (Break(1, Decimal(10)), Break(100, Decimal(8)))
    assert (everyone.valid_from, everyone.valid_to, everyone.row) == (TODAY, None, 2)
    assert (groups.valid_from, groups.valid_to) == (date(2027, 1, 1), date(2027, 1, 31))


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"sku": "Z"}, "sku", "unknown_product"),
        ({"sku": ""}, "sku", "unknown_product"),
        ({"seller": "X"}, "seller", "unknown_seller"),
        ({"buyer": "X"}, "buyer", "unknown_buyer"),
        ({"group": "X"}, "group", "unknown_group"),
        ({"group": "TIER", "buyer": "D1"}, "group", "two_audiences"),
        ({"currency": "YUAN"}, "currency", "invalid_currency"),
        ({"priority": "-1"}, "priority", "invalid_priority"),
        ({"min_quantity": "1,5"}, "min_quantity", "invalid_min_quantity"),
        ({"unit_price": ""}, "unit_price", "invalid_price"),
        ({"unit_price": "-1"}, "unit_price", "invalid_price"),
        ({"unit_price": "1,5"}, "unit_price", "invalid_price"),
        ({"unit_price": "0.0000001"}, "unit_price", "invalid_price"),
        ({"unit_price": "NaN"}, "unit_price", "invalid_price"),
        ({"unit_price": "1E+99999"}, "unit_price", "invalid_price"),
        ({"valid_from": "soon"}, "valid_from", "invalid_date"),
        ({"valid_to": "2026-01-01"}, "valid_to", "ends_before_it_begins"),
    ],
)
def test_a_fault_names_row_field_and_remedy(values, field, code):
    found = judge(rows({"sku": "A", "unit_price": "1", **values}), KNOWN)
    assert not found.drafts
    assert [(one.row, one.field, one.code) for one in found.problems] == [(2, field, code)]
    assert found.problems[0].remedy


def test_rows_that_contradict_each_other_are_told():
    found = judge(
        rows(
            {"sku": "A", "unit_price": "1"},
            {"sku": "A", "unit_price": "2"},
            {"sku": "A", "unit_price": "3", "min_quantity": "9", "valid_to": "2027-01-01"},
            {"sku": "A", "unit_price": "4", "valid_from": "2027-06-01"},
        ),
        KNOWN,
    )
    assert [(one.row, one.code) for one in found.problems] == [
        (3, "repeated_break"), (4, "different_ends"), (5, "overlap"),
    ]  # fmt: skip


CELLS = st.fixed_dictionaries(
    {
        "sku": st.sampled_from(["A", "B", "Z"]),
        "buyer": st.sampled_from(["", "", "D1", "X"]),
        "group": st.sampled_from(["", "", "TIER"]),
        "valid_from": st.sampled_from(["", "2026-12-01", "2027-01-01", "x"]),
        "valid_to": st.sampled_from(["", "2026-12-31", "2027-02-01"]),
        "min_quantity": st.sampled_from(["", "10", "20", "0"]),
        "unit_price": st.sampled_from(["1", "2.5", "x"]),
    }
)


@given(st.lists(CELLS, max_size=12))
def test_every_row_is_taken_or_told(given_rows):
    raw = rows(*given_rows)
    found = judge(raw, KNOWN)
    taken = sum(len(draft.breaks) for draft in found.drafts)
    faulty = {one.row for one in found.problems if one.code != "overlap"}
    assert taken + len(faulty) == len(raw)
    for draft in found.drafts:
        quantities = [step.min_quantity for step in draft.breaks]
        assert quantities == sorted(set(quantities))
        assert draft.ends >= draft.valid_from
