"""CSV that a spreadsheet opens as text: no cell of it is taken for a formula."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpResponse
from import_export.formats.base_formats import CSV
from tablib import Dataset

from b2b.core.spreadsheet import csv_file, guard, unguard


class GuardedCsv(CSV):
    """CSV with a mark before what could be a formula; the mark goes when the file comes back."""

    def export_data(self, dataset: Dataset, **kwargs: Any) -> Any:
        """Write the rows, marked."""
        return super().export_data(_changed(dataset, guard), **kwargs)

    def create_dataset(self, in_stream: Any, **kwargs: Any) -> Dataset:
        """Read rows, unmarked."""
        return _changed(super().create_dataset(in_stream, **kwargs), unguard)


def download(name: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """Answer with a CSV file that a spreadsheet opens in the right encoding and without calculating a cell."""
    return HttpResponse(
        csv_file([list(columns), *map(list, rows)]),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _changed(dataset: Dataset, change: Callable[[Any], Any]) -> Dataset:
    rows: Iterable[Any] = ([change(cell) for cell in row] for row in dataset)
    return Dataset(*rows, headers=dataset.headers)


__all__ = ["GuardedCsv", "download", "guard", "unguard"]
