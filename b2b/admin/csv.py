"""CSV that a spreadsheet opens as text: no cell of it is taken for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from django.http import HttpResponse
from import_export.formats.base_formats import CSV
from tablib import Dataset

# What a spreadsheet calculates when it opens a file (OWASP, "CSV Injection"); a plain number is none.
FORMULA: Final = re.compile(r"[=+\-@\t\r](?!\d+(\.\d+)?$)")
MARK: Final = "'"


class GuardedCsv(CSV):
    """CSV with a mark before what could be a formula; the mark goes when the file comes back."""

    def export_data(self, dataset: Dataset, **kwargs: Any) -> Any:
        """Write the rows, marked."""
        return super().export_data(_changed(dataset, guard), **kwargs)

    def create_dataset(self, in_stream: Any, **kwargs: Any) -> Dataset:
        """Read rows, unmarked."""
        return _changed(super().create_dataset(in_stream, **kwargs), unguard)


def guard(cell: Any) -> Any:
    """Mark a text that a spreadsheet would calculate."""
    return MARK + cell if isinstance(cell, str) and FORMULA.match(cell) else cell


def download(name: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """Answer with a CSV file that a spreadsheet opens in the right encoding and without calculating a cell."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([guard("" if cell is None else cell) for cell in row] for row in rows)
    return HttpResponse(
        "\ufeff" + text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def unguard(cell: Any) -> Any:
    """Take the mark off a text that `guard` marked."""
    marked = isinstance(cell, str) and cell.startswith(MARK) and FORMULA.match(cell[1:])
    return cell[1:] if marked else cell


def _changed(dataset: Dataset, change: Callable[[Any], Any]) -> Dataset:
    rows: Iterable[Any] = ([change(cell) for cell in row] for row in dataset)
    return Dataset(*rows, headers=dataset.headers)
