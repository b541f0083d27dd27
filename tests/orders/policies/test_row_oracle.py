"""Judging by distinct texts and offers says the same as judging each row by itself from the rules as written down."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from orders.policies.order_facts import Facts, ProductFacts, TradeFacts
from orders.policies.order_row import judge
from orders.policies.pricing import Break
from orders.policies.raw_row import RawRow

SKUS = ("A", "B", "C")
UNITS = {"EA": 1, "CT": 12}
SITES = {"shop": 5, "store": 6}
TODAY = date(2026, 11, 23)
TABLE = (Break(1, Decimal("10.005")), Break(48, Decimal("8.333333")), Break(500, Decimal(7)))


def facts(trade: dict[int, TradeFacts]) -> Facts:
    products = {
        sku: ProductFacts(number, sku, sku, "EA", Decimal("0.13"), UNITS)
        for number, sku in enumerate(SKUS, start=1)
    }
    return Facts(products, {}, trade, SITES, 5, "CNY", TODAY)


# (code, holds for this row) as the rules are written down, from nothing but the texts of all rows.
def faults(row: dict[str, str], wanted: int, trade: TradeFacts | None) -> set[str]:
    found = set()
    number = int(row["quantity"]) if row["quantity"].isdigit() else 0
    base = number * UNITS.get(row["unit"] or "EA", 1)
    if row["sku"] not in SKUS:
        found.add("unknown_product")
    elif (row["unit"] or "EA") not in UNITS:
        found.add("unknown_unit")
    if not number:
        found.add("invalid_quantity")
    if row["ship_to"] and row["ship_to"] not in SITES:
        found.add("unknown_site")
    if row["sku"] not in SKUS:
        return found
    if trade is None:
        return found | {"no_price"}
    if base:
        found |= {"below_minimum"} if wanted < trade.min_quantity else set()
        found |= {"not_a_multiple"} if base % trade.order_multiple else set()
        found |= {"above_maximum"} if trade.max_quantity and wanted > trade.max_quantity else set()
    return found


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "sku": st.sampled_from([*SKUS, "X"]),
            "quantity": st.sampled_from(["1", "4", "12", "48", "500", "0", "many"]),
            "unit": st.sampled_from(["", "EA", "CT", "PF"]),
            "ship_to": st.sampled_from(["", "shop", "store", "rival"]),
        }
    ),
    max_size=12,
)
TRADES = st.dictionaries(
    st.integers(1, 3),
    st.builds(
        TradeFacts,
        st.just(9), st.integers(0, 9), st.sampled_from([1, 24]), st.sampled_from([1, 4, 12]),
        st.sampled_from([None, 600]), st.just(TABLE), st.integers(0, 100),
    ),
)  # fmt: skip


@given(ROWS, TRADES)
def test_the_judgement_is_that_of_the_rules(texts, trade):
    results = judge([RawRow(number, row) for number, row in enumerate(texts, start=1)], facts(trade))
    wanted: Counter[str] = Counter()
    for row in texts:
        if row["sku"] in SKUS and row["quantity"].isdigit():
            wanted[row["sku"]] += int(row["quantity"]) * UNITS.get(row["unit"] or "EA", 1)
    for row, result in zip(texts, results, strict=True):
        terms = trade.get(SKUS.index(row["sku"]) + 1) if row["sku"] in SKUS else None
        assert {problem.code for problem in result.problems} == faults(row, wanted[row["sku"]], terms)
        if result.ok:
            held = max(step for step in TABLE if step.min_quantity <= wanted[row["sku"]])
            net = (held.unit_price * result.quantity).quantize(Decimal("0.01"), ROUND_HALF_UP)
            assert (result.unit_price, result.net_amount, result.wanted) == (
                held.unit_price, net, wanted[row["sku"]],
            )  # fmt: skip
            assert result.tax_amount == (net * Decimal("0.13")).quantize(Decimal("0.01"), ROUND_HALF_UP)


@given(ROWS, TRADES, st.sampled_from([Decimal(50), Decimal(5_000)]))
def test_an_order_minimum_refuses_all_rows_of_the_factory_or_none(texts, trade, minimum):
    rows = [RawRow(number, row) for number, row in enumerate(texts, start=1)]
    free = judge(rows, facts(trade))
    bound = judge(rows, facts({key: replace(one, min_amount=minimum) for key, one in trade.items()}))
    amount = sum((row.net_amount for row in free if row.factory_id), Decimal(0))
    told = ["below_order_minimum" in {problem.code for problem in row.problems} for row in bound]
    priced = [row.factory_id is not None for row in free]
    assert told == [one and amount < minimum for one in priced]
