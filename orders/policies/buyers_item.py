"""Judge a list of a dealer's article codes: every code names one product of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from b2b.core.errors import Problem
from orders.policies.cell import plain
from orders.policies.raw_row import RawRow

COLUMNS: Final = ("buyers_code", "sku", "gtin")
LONGEST_CODE: Final = 80


@dataclass(frozen=True, slots=True)
class Coded:
    """The rows of a list as code -> product, and every fault with its row, field and remedy."""

    products: Mapping[str, int]
    problems: tuple[Problem, ...]


def judge(rows: Sequence[RawRow], *, by_sku: Mapping[str, int], by_gtin: Mapping[str, int]) -> Coded:
    """Return what rows say; a row repeated word for word counts once.

    Promise: with no problems every row's code is in the answer, with the product that its SKU and GTIN name; a GTIN
    that no product has says nothing beside a SKU.
    """
    products: dict[str, int] = {}
    first: dict[str, int] = {}
    problems: list[Problem] = []
    for row in rows:
        code, sku = plain(row.get("buyers_code")), row.get("sku")
        gtin = plain(row.get("gtin"))
        printed = by_gtin.get(gtin.zfill(14)) if gtin else None
        product = by_sku.get(sku) if sku else printed
        if fault := _fault(row.number, code, sku, gtin, product):
            problems.append(fault)
        elif printed not in (None, product):
            message = f"{gtin} is the GTIN of another product than {sku}"
            fault = _problem("codes_disagree", message, row.number, "gtin", "Keep the one you mean.")
            problems.append(fault)
        elif product is not None and products.setdefault(code, product) != product:
            message = f"{code} names another product in row {first[code]}"
            problems.append(
                _problem("repeated_code", message, row.number, "buyers_code", "Keep one of them.")
            )
        first.setdefault(code, row.number)
    return Coded(products, tuple(problems))


def _fault(row: int, code: str, sku: str, gtin: str, product: int | None) -> Problem | None:
    if not code:
        remedy = "Enter the code that your books know the product by."
        return _problem("missing_code", "the row has no code of yours", row, "buyers_code", remedy)
    if len(code) > LONGEST_CODE:
        message = f"{code[:20]}... has more than {LONGEST_CODE} characters"
        return _problem("code_too_long", message, row, "buyers_code", "Use a shorter code.")
    if not code.isprintable():
        message = f"{code[:20]!r} has a character that nobody can see"
        return _problem("invisible_character", message, row, "buyers_code", "Type the code anew.")
    if product is None:
        field = "gtin" if gtin and not sku else "sku"
        message = f"{sku or gtin or 'an empty cell'} is no product on sale"
        return _problem("unknown_product", message, row, field, "Use a SKU or GTIN of the catalogue.")
    return None


def _problem(code: str, message: str, row: int, field: str, remedy: str) -> Problem:
    return Problem(code, message, row=row, field=field, remedy=remedy)
