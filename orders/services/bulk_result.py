"""The result of every row of a bulk order as a file to work on: mend the faulty rows in it and send it in again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from b2b.core.spreadsheet import csv_file, xlsx_file
from orders.policies.raw_row import FIELDS, RawRow
from orders.policies.row_result import RowResult
from orders.services.bulk_order import Preview
from orders.services.upload.table import RESULT_COLUMNS

WRITERS: Final = {"csv": csv_file, "xlsx": xlsx_file}
MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def written(preview: Preview, rows: Sequence[RawRow], *, kind: str) -> bytes:
    """Return a CSV or XLSX file with what was entered in each row and what became of it; `kind` is a key of WRITERS."""
    return WRITERS[kind](_table(preview, rows))


def _table(preview: Preview, rows: Sequence[RawRow]) -> Iterator[Sequence[Any]]:
    entered = tuple(
        name for name in FIELDS if name in ("sku", "quantity") or any(row.get(name) for row in rows)
    )
    yield (*entered, *RESULT_COLUMNS)
    for row, result in zip(rows, preview.rows, strict=True):
        yield (*(row.get(name) for name in entered), *_judged(result))


def _judged(result: RowResult) -> tuple[Any, ...]:
    step, problems = result.next_break, result.problems
    priced = result.unit_price is not None
    return (
        result.row,
        "ok" if result.ok else "refused",
        result.product.name if result.product else None,
        result.quantity or None,
        result.unit_price,
        result.net_amount if priced else None,
        result.tax_amount if priced else None,
        result.available if priced else None,
        result.expected_date,
        step.min_quantity if step else None,
        step.unit_price if step else None,
        result.units_to_next_break,
        result.same_as_row,
        "; ".join(problem.message for problem in problems),
        "; ".join(problem.field for problem in problems),
        " ".join(problem.remedy for problem in problems),
    )
