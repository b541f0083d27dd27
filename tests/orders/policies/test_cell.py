"""What a cell says, and in which words it is refused."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.policies import cell
from orders.policies.cell import LARGEST, Fault

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), (" 12 ", 12), ("7.0", 7), ("7.00", 7), ("１２", 12), ("\u30005", 5), ("007", 7)],
)
def test_a_whole_number_is_read_however_it_is_typed(text, number):
    assert cell.whole(text) == number


@pytest.mark.parametrize(
    ("text", "code", "remedy"),
    [
        ("1,5", "decimal_quantity", "whole units"),
        ("1.5", "decimal_quantity", "whole units"),
        ("1,200", "thousands_separator", "1200"),
        ("1.200", "thousands_separator", "1200"),
        ("12 500", "thousands_separator", "12500"),
        ("1,234,567", "thousands_separator", "1234567"),
        ("=1+1", "formula", "number it comes to"),
        ("many", "invalid_quantity", "whole number"),
        ("-3", "invalid_quantity", "whole number"),
        ("0", "invalid_quantity", "whole number"),
        ("", "invalid_quantity", "whole number"),
        ("1e3", "invalid_quantity", "whole number"),
        (str(LARGEST + 1), "quantity_too_large", str(LARGEST)),
    ],
)
def test_what_is_no_whole_number_is_refused_in_its_own_words(text, code, remedy):
    fault = cell.whole(text)
    assert isinstance(fault, Fault)
    assert (fault.code, remedy in fault.remedy) == (code, True)


@given(st.text(max_size=20))
def test_a_quantity_is_a_number_in_bounds_or_a_fault(text):
    found = cell.whole(text)
    assert isinstance(found, Fault) or 0 < found <= LARGEST


@given(st.integers(1, LARGEST))
def test_every_whole_number_is_read_back(number):
    assert cell.whole(str(number)) == number


@pytest.mark.parametrize(
    ("text", "code", "remedy"),
    [
        ("31/12/2026", "date_as_text", "year, month and day"),
        ("31.12.2026", "date_as_text", "year, month and day"),
        ("2026/12/5", "date_as_text", "2026-12-05"),
        ("2026年12月5日", "date_as_text", "2026-12-05"),
        ("Dec 5", "date_as_text", "year, month and day"),
        ("46361", "date_as_text", "date format"),
        ("soon", "invalid_date", "2026-12-31"),
        ("2026-01-01", "date_in_the_past", "to come"),
    ],
)
def test_a_date_as_text_is_not_guessed(text, code, remedy):
    fault = cell.day(text, TODAY)
    assert isinstance(fault, Fault)
    assert (fault.code, remedy in fault.remedy) == (code, True)


def test_a_day_is_read_as_iso_8601_writes_it():
    assert cell.day("2026-12-05", TODAY) == cell.day("2026-12-05 00:00:00", TODAY) == date(2026, 12, 5)
    assert cell.day(" ", TODAY) is None


def test_a_ceiling_has_a_decimal_point():
    assert (cell.price("12.50"), cell.price("")) == (Decimal("12.50"), None)
    comma, words = cell.price("12,50"), cell.price("12 CNY")
    assert isinstance(comma, Fault)
    assert isinstance(words, Fault)
    assert (comma.code, comma.remedy, words.code) == ("decimal_comma", "Write 12.50.", "invalid_price")


CHOICES = {"colour": ["red", "blue"], "engraving": None}


@pytest.mark.parametrize("text", ["colour=red; engraving=Li Na", '{"colour": "red", "engraving": "Li Na"}'])
def test_options_are_pairs_or_json(text):
    assert cell.options(text, CHOICES) == {"colour": "red", "engraving": "Li Na"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("colour=green", "invalid_option"),
        ("size=L", "unknown_option"),
        ("red", "invalid_options"),
        ("{", "invalid_options"),
        ('{"colour": ["red"]}', "invalid_options"),
        ("engraving=", "invalid_option"),
    ],
)
def test_options_are_those_of_the_product(text, code):
    fault = cell.options(text, CHOICES)
    assert isinstance(fault, Fault)
    assert fault.code == code
