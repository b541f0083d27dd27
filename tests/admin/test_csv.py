"""What leaves as CSV is opened in a spreadsheet: no cell may be calculated there, and it comes back as it was."""

from __future__ import annotations

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from tablib import Dataset

from b2b.admin.csv import GuardedCsv, guard, unguard
from tests.admin.conftest import Person
from tests.factories import catalog

FORMULAS = ['=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_marked(text: str) -> None:
    assert guard(text) == f"'{text}"


@pytest.mark.parametrize("value", ["-5", "+3.50", "Bolt", "", None, 7, "a=b"])
def test_anything_else_stays(value: object) -> None:
    assert guard(value) == value


@given(st.text(alphabet="=+-@'\t\r1.a"))
def test_what_comes_back_is_what_left_unless_it_was_marked_by_hand(text: str) -> None:
    assert unguard(guard(text)) == (unguard(text) if text.startswith("'") else text)


def test_a_file_keeps_its_headings_and_rows() -> None:
    rows = Dataset(("S-1", "=1+1"), ("S-2", "Nut"), headers=["sku", "name"])
    written = GuardedCsv().export_data(rows)

    assert written.splitlines() == ["sku,name", "S-1,'=1+1", "S-2,Nut"]
    assert GuardedCsv(encoding="utf-8").create_dataset(written.encode())[0] == ("S-1", "=1+1")


def test_the_export_of_products_is_guarded(operator: Person) -> None:
    catalog.product(sku="S-1", name="=1+1")

    answer = operator.client.post(
        reverse("operator:catalog_product_export"), {"format": "0", "resource": "0"}
    )

    assert answer["Content-Type"].startswith("text/csv")
    assert ",'=1+1," in answer.content.decode()
