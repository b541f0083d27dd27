"""Every row gets a judgement, and good rows stand alone."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from orders.policies.order_facts import Arrival, Facts, ProductFacts, TradeFacts
from orders.policies.order_row import RawRow, judge, judge_alone
from orders.policies.pricing import Break

PRODUCTS = {
    sku: ProductFacts(number, sku, sku, "EA", Decimal("0.13"), {"EA": 1, "CT": 12})
    for number, sku in enumerate(("A", "B"), start=1)
}
TABLE = (Break(1, Decimal(10)), Break(100, Decimal(8)))
FACTS = Facts(
    by_sku=PRODUCTS,
    by_gtin={"00000000000017": (PRODUCTS["A"], "CT")},
    trade={
        1: TradeFacts(9, 7, 48, 24, 500, TABLE, available=60),
        2: TradeFacts(9, 7, 1, 1, None, TABLE),
    },
    sites={"shop": 5},
    ship_to_site_id=5,
    currency="CNY",
    today=date(2026, 11, 23),
)


def row(number=1, **values):
    return RawRow(number, values)


def codes(*rows):
    return [[problem.code for problem in result.problems] for result in judge(rows, FACTS)]


def test_each_fault_has_a_code():
    assert codes(row(sku="A", quantity="50")) == [["not_a_multiple"]]
    assert codes(row(sku="A", quantity="24")) == [["below_minimum"]]
    assert codes(row(sku="A", quantity="43", unit="CT")) == [["not_a_multiple", "above_maximum"]]
    assert codes(row(sku="X", quantity="0")) == [["unknown_product", "invalid_quantity"]]
    assert codes(row(sku="B", quantity="1", ship_to="rival", need_by_date="soon")) == [
        ["unknown_site", "invalid_date"]
    ]
    assert codes(row(sku="B", quantity="1", need_by_date="2026-01-01")) == [["date_in_the_past"]]
    assert [codes(row(sku="A", quantity=str(n)))[0] for n in (48, 72, 96)] == [[], [], []]


def test_a_gtin_names_the_pack_and_the_break_holds_on_the_sum():
    packed = judge([row(gtin="17", quantity="4")], FACTS)[0]
    assert (packed.quantity, packed.entered_unit, packed.expected_date) == (48, "CT", FACTS.today)
    both = judge([row(1, sku="B", quantity="60"), row(2, sku="B", quantity="40")], FACTS)
    assert [one.unit_price for one in both] == [8, 8]
    assert both[0].tax_amount == Decimal("62.40")


def test_goods_are_expected_after_cutoff_lead_time_and_handling():
    def expected(quantity, sku="B", **known):
        facts = replace(FACTS, handling_days=2, **known)
        return (judge([row(sku=sku, quantity=str(quantity))], facts)[0].expected_date - FACTS.today).days

    soon = Arrival(FACTS.today + timedelta(days=3), 5)
    assert expected(1) == 7 + 2  # no cycle buys it: lead time and the usual handling
    assert expected(1, arrivals={9: soon}) == 3 + 7 + 5
    assert expected(1, arrivals={9: soon, "X": Arrival(FACTS.today, 1)}) == 3 + 7 + 5
    assert expected(1, arrivals={9: Arrival(FACTS.today - timedelta(days=1), 5)}) == 7 + 5
    assert (expected(48, "A"), expected(48, "A", arrivals={9: soon})) == (2, 5)  # from the shelf
    assert expected(72, "A", arrivals={9: soon}) == 3 + 7 + 5  # more than the shelf has


def test_what_a_sku_and_a_gtin_say_together_is_never_guessed():
    assert codes(row(sku="A", gtin="17", quantity="4", unit="CT")) == [[]]
    assert codes(row(sku="A", gtin="99", quantity="48")) == [[]]  # a GTIN that we do not know says nothing
    [other] = judge([row(sku="B", gtin="17", quantity="4")], FACTS)
    assert [(one.code, one.field) for one in other.problems] == [("codes_disagree", "gtin")]
    [open_unit] = judge([row(sku="A", gtin="17", quantity="4")], FACTS)
    assert [(one.code, one.field) for one in open_unit.problems] == [("ambiguous_unit", "unit")]
    own = replace(FACTS, by_code={"mine": PRODUCTS["B"]})
    [coded] = judge([row(buyers_code="mine", sku="", gtin="17", quantity="4")], own)
    [short] = judge([row(sku="mine", gtin="17", quantity="4")], own)
    assert [one.problems[0].code for one in (coded, short)] == ["codes_disagree", "codes_disagree"]


def test_good_rows_do_not_rest_on_refused_ones():
    rows = [row(1, sku="B", quantity="60"), row(2, sku="B", quantity="40", ship_to="rival")]
    kept = judge_alone(rows, FACTS)
    assert [(one.ok, one.unit_price) for one in kept] == [(True, 10), (False, 8)]


TEXTS = st.sampled_from(
    ["", "A", "B", "X", "1", "24", "48", "0", "-1", "1.5", "CT", "shop", "2026-12-01", "²"]
)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(("sku", "gtin", "quantity", "unit", "ship_to"), TEXTS))))
def test_every_row_gets_a_result(texts):
    rows = [RawRow(number, values) for number, values in enumerate(texts, start=1)]
    for judged in (judge(rows, FACTS), judge_alone(rows, FACTS)):
        assert [result.row for result in judged] == [one.number for one in rows]
        assert all(result.quantity > 0 and result.unit_price is not None for result in judged if result.ok)
    good = [one for one, result in zip(rows, judge_alone(rows, FACTS), strict=True) if result.ok]
    assert all(result.ok for result in judge(good, FACTS))
