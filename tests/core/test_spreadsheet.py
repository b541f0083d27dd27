"""What leaves as a table opens as text and numbers, never as a formula."""

import csv
import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from b2b.core.spreadsheet import csv_file, xlsx_file

ROWS = [
    ("sku", "quantity", "price", "day"),
    ("=1+1", 5, Decimal("8.50"), date(2026, 12, 5)),
    ("@SUM(A1)", None, None, None),
    ("螺栓 <&>\x0b", 10**12, Decimal("1E+2"), ""),
]


def test_csv_is_marked_where_a_spreadsheet_would_calculate():
    read = list(csv.reader(io.StringIO(csv_file(ROWS).decode("utf-8-sig"))))
    assert read[1] == ["'=1+1", "5", "8.50", "2026-12-05"]
    assert read[2] == ["'@SUM(A1)", "", "", ""]


def test_a_workbook_keeps_numbers_and_has_no_formula():
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_file(ROWS))).active
    read = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert read[1] == ["'=1+1", 5, 8.5, "2026-12-05"]
    assert read[2] == ["'@SUM(A1)", None, None, None]
    assert read[3] == ["螺栓 <&>", 10**12, 100, None]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}


@pytest.mark.parametrize("write", [csv_file, xlsx_file])
def test_a_file_may_have_no_rows(write):
    assert write([])
