"""Money is exact: no part of finance speaks of floating-point numbers (anchor 13)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.sources import ROOT

# Where numbers are neither money nor quantities, each with its reason.
OTHER = {"finance/policies/document_sheet.py": "places on a sheet of paper"}
FINANCE = sorted(
    path for path in (ROOT / "finance").rglob("*.py") if str(path.relative_to(ROOT)) not in OTHER
)
INEXACT_FIELDS = {"FloatField", "float", "isclose", "fsum", "sqrt"}


def inexact(source: str) -> list[int]:
    """Return the lines that name float, hold a floating-point literal or import what reckons with them."""
    found = []
    for node in ast.walk(ast.parse(source)):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float | complex)
        named = isinstance(node, ast.Name) and node.id in INEXACT_FIELDS
        reached = isinstance(node, ast.Attribute) and node.attr in INEXACT_FIELDS
        if literal or named or reached:
            found.append(node.lineno)
    return sorted(set(found))


@pytest.mark.parametrize("path", FINANCE, ids=lambda path: str(path.relative_to(ROOT)))
def test_13_finance_reckons_without_floats(path: Path) -> None:
    lines = inexact(path.read_text())
    assert not lines, f"{path.relative_to(ROOT)}: lines {lines}; use Decimal or whole minor units"


@pytest.mark.parametrize(
    "source", ["rate = 0.13", "x = float(amount)", "y = models.FloatField()", "z: float", "w = math.sqrt(2)"]
)
def test_13_a_float_would_be_found(source: str) -> None:
    assert inexact(source) == [1]
