"""A large list with faults: every fault is named, nothing is written but what was asked for, statements stay few."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Order, OrderLine
from orders.services import bulk_order, upload
from tests.factories import orders as made
from tests.factories.orders import NOW

pytestmark = pytest.mark.django_db

ROWS, STEP = 10_000, 270
# What is written in the faulty rows, by turns: (sku, gtin, quantity, unit, need by, currency), code, column.
FAULTS = (
    ({"sku": "NO-SUCH"}, "unknown_product", "sku"),
    ({"sku": "", "gtin": "4006381333930"}, "wrong_check_digit", "gtin"),
    ({"quantity": "1,5"}, "decimal_quantity", "quantity"),
    ({"quantity": "1,200"}, "thousands_separator", "quantity"),
    ({"quantity": ""}, "invalid_quantity", "quantity"),
    ({"unit": "XX"}, "unknown_unit", "unit"),
    ({"need_by_date": "31/12/2026"}, "date_as_text", "need_by_date"),
    ({"need_by_date": "2020-01-01"}, "date_in_the_past", "need_by_date"),
    ({"ship_to": "rival"}, "unknown_site", "ship_to"),
    ({"currency": "USD"}, "two_currencies", "currency"),
)
COLUMNS = ("sku", "gtin", "quantity", "unit", "ship_to", "need_by_date", "currency")


def faulty_list(market):
    """Return a CSV of ROWS rows, and what is wrong with 37 of them by row number in the file."""
    lines, wrong = [",".join(COLUMNS)], {}
    for index in range(ROWS):
        values = {"sku": market.products[index % 10].sku, "quantity": "3", "currency": "CNY"}
        if index % STEP == STEP - 1:
            change, code, column = FAULTS[len(wrong) % len(FAULTS)]
            values |= change
            wrong[index + 2] = (column, code)
        lines.append(",".join(f'"{values.get(name, "")}"' for name in COLUMNS))
    return "\n".join(lines).encode(), wrong


@pytest.fixture
def market():
    return made.trade(products=10, breaks=((1, "10"), (100, "8")))


def common(market):
    return {
        "dealer": market.dealers[0],
        "ship_to": market.shops[0],
        "currency": "CNY",
        "by": market.dealer_actor(),
        "at": NOW,
    }


def test_37_faults_of_10_000_rows_are_all_named(market):
    content, wrong = faulty_list(market)
    rows = upload.read(content)
    assert (len(rows), len(wrong)) == (ROWS, 37)

    preview = bulk_order.preview(rows, **common(market))
    told = {problem.row: (problem.field, problem.code) for problem in preview.problems}
    assert told == wrong
    assert all(problem.remedy for problem in preview.problems)
    assert [row.row for row in preview.rows] == [row.number for row in rows]

    with pytest.raises(bulk_order.InvalidRows) as refused:
        bulk_order.submit(rows, **common(market))
    assert {problem.row: (problem.field, problem.code) for problem in refused.value.problems} == wrong
    assert not Order.objects.exists()
    assert not OrderLine.objects.exists()

    taken = bulk_order.submit(rows, mode="per_row", **common(market))
    assert taken.order.lines.count() == ROWS - 37
    assert len(taken.preview.rows) == ROWS
    assert {problem.row: (problem.field, problem.code) for problem in taken.preview.problems} == wrong


def statements(market, count, mode):
    rows = bulk_order.rows_of(
        {"sku": market.products[index % 10].sku, "quantity": 3} for index in range(count)
    )
    with CaptureQueriesContext(connection) as queries:
        if mode == "preview":
            bulk_order.preview(rows, **common(market))
        else:
            bulk_order.submit(rows, mode=mode, **common(market))
    return len(queries)


@pytest.mark.parametrize("mode", ["preview", "atomic", "per_row"])
def test_statements_do_not_depend_on_the_rows(market, mode):
    made.cycle(market)
    statements(market, 10, mode)
    assert statements(market, 100, mode) == statements(market, 10_000, mode)


def test_a_small_order_takes_few_statements(market):
    made.cycle(market)
    statements(market, 1, "atomic")
    assert statements(market, 1, "atomic") == statements(market, 50, "atomic") <= 22
    assert statements(market, 50, "preview") <= 10


def test_what_a_row_tells_is_on_its_line(market):
    product = market.products[0]
    product.attributes = {"options": {"colour": ["red", "blue"]}}
    product.save()
    row = {"sku": product.sku, "quantity": 40, "max_unit_price": "9.5", "flex_up": 8, "flex_down": 4,
           "options": {"colour": "red"}}  # fmt: skip
    line = bulk_order.submit(bulk_order.rows_of([row]), **common(market)).order.lines.get()
    assert (line.max_unit_price, line.flex_up, line.flex_down, line.options) == (
        pytest.approx(9.5), 8, 4, {"colour": "red"},
    )  # fmt: skip

    faulty = [{**row, "options": {"size": "L"}}, {**row, "flex_down": 41}, {**row, "max_unit_price": "9,5"}]
    preview = bulk_order.preview(bulk_order.rows_of(faulty), **common(market))
    assert [problem.code for problem in preview.problems] == [
        "unknown_option", "flex_beyond_quantity", "decimal_comma",
    ]  # fmt: skip


def test_rows_of_one_currency_make_an_order_in_it(market):
    made.agreement(market.maker, market.products[0], currency="USD")
    rows = bulk_order.rows_of([{"sku": market.products[0].sku, "quantity": 5, "currency": "usd"}])
    preview = bulk_order.preview(rows, **{**common(market), "currency": ""})
    assert (preview.currency, preview.problems) == ("USD", ())


def test_a_repeated_row_is_said_and_ordered_twice(market):
    rows = bulk_order.rows_of(
        [{"sku": market.products[0].sku, "quantity": quantity} for quantity in (60, 40)]
    )
    first, second = bulk_order.preview(rows, **common(market)).rows
    assert (first.same_as_row, second.same_as_row) == (None, 1)
    assert (first.unit_price, second.unit_price, first.wanted) == (8, 8, 100)
    assert bulk_order.submit(rows, **common(market)).order.lines.count() == 2


def test_an_order_below_the_minimum_of_a_factory_is_refused(market):
    made.rule(market.maker, None, min_amount=100, currency="CNY")
    rows = bulk_order.rows_of([{"sku": market.products[0].sku, "quantity": 5}])
    [problem] = bulk_order.preview(rows, **common(market)).problems
    assert (problem.code, "50.00 CNY more" in problem.remedy) == ("below_order_minimum", True)
