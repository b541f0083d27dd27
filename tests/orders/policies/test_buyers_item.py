"""A code names one product; what could be two is refused."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from orders.policies import buyers_item, own_code
from orders.policies.order_facts import ProductFacts
from orders.policies.raw_row import RawRow

SKUS = {"S1": 1, "S2": 2}
GTINS = {"04006381333931": 2}


def product(key):
    return ProductFacts(key, f"S{key}", f"Article {key}", "EA", Decimal(0), {"EA": 1})


def judge(*rows):
    raw = [RawRow(number, row) for number, row in enumerate(rows, start=2)]
    return buyers_item.judge(raw, by_sku=SKUS, by_gtin=GTINS)


def test_a_list_names_products_by_sku_or_gtin():
    found = judge(
        {"buyers_code": " A1 ", "sku": "S1"},
        {"buyers_code": "A2", "gtin": "4006381333931"},
        {"buyers_code": "A1", "sku": "S1"},
    )
    assert (found.products, found.problems) == ({"A1": 1, "A2": 2}, ())


def test_every_faulty_row_is_named_with_its_column_and_remedy():
    found = judge(
        {"sku": "S1"},
        {"buyers_code": "A1", "sku": "S9"},
        {"buyers_code": "A2", "gtin": "123"},
        {"buyers_code": "A3", "sku": "S1"},
        {"buyers_code": "A3", "sku": "S2"},
        {"buyers_code": "A" * 81, "sku": "S1"},
        {"buyers_code": "A4"},
        {"buyers_code": "A5", "sku": "S1", "gtin": "4006381333931"},
        {"buyers_code": "A\0", "sku": "S1"},
        {"buyers_code": "A\u200b", "sku": "S1"},
    )
    assert [(one.row, one.field, one.code) for one in found.problems] == [
        (2, "buyers_code", "missing_code"),
        (3, "sku", "unknown_product"),
        (4, "gtin", "unknown_product"),
        (6, "buyers_code", "repeated_code"),
        (7, "buyers_code", "code_too_long"),
        (8, "sku", "unknown_product"),
        (9, "gtin", "codes_disagree"),
        (10, "buyers_code", "invisible_character"),
        (11, "buyers_code", "invisible_character"),
    ]
    assert all(one.remedy for one in found.problems)


rows = st.fixed_dictionaries(
    {},
    optional={
        "buyers_code": st.sampled_from(["", "A", "B"]),
        "sku": st.sampled_from(["", "S1", "S2", "S3"]),
        "gtin": st.sampled_from(["", "4006381333931", "9"]),
    },
)


@given(st.lists(rows, max_size=6))
def test_without_problems_every_code_names_what_its_row_says(given_rows):
    found = judge(*given_rows)
    faulty = {one.row for one in found.problems}
    for number, row in enumerate(given_rows, start=2):
        if number not in faulty:
            said = {SKUS.get(row.get("sku", "")), GTINS.get(row.get("gtin", "").zfill(14))} - {None}
            assert said == {found.products[row["buyers_code"]]}


products = st.none() | st.sampled_from([product(1), product(2)])


@given(products, products, st.booleans())
def test_a_product_comes_back_only_when_all_that_was_said_agrees(named, own, by_column):
    found, fault = own_code.choose(named, own, code="A" if by_column else "", sku="A")
    said = {one.product_id for one in (named, own) if one}
    if found:
        assert said == {found.product_id}
        assert fault is None
    else:
        assert fault or not said
    if len(said) == 2:
        assert fault is not None
        assert fault.code == ("codes_disagree" if by_column else "ambiguous_code")
    if by_column and own is None:
        assert fault is not None
        assert fault.code == "unknown_code"
