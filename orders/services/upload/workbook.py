"""XLSX workbooks, read by python-calamine after a look into the archive."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

import python_calamine

from orders.policies.raw_row import RawRow
from orders.services.upload import limits
from orders.services.upload.archive import open_checked, unpack_within_limits
from orders.services.upload.limits import MAX_ROWS, UnreadableUpload, check_size, refuse
from orders.services.upload.table import to_rows

MAX_COLUMNS: Final = 64
OVERLAP: Final = 64  # a tag may be cut by the end of a chunk
REFERENCE: Final = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)([0-9]+)""")
FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s/>]")
# Cheap looks that let nearly every sheet pass; what they find is looked at closely.
MAY_BE_FAR: Final = re.compile(rb"""r\s*=\s*["'](?!(?:[A-Z]|A[A-Z]|B[A-L])?[0-9]{1,5}["'])""")
MAY_BE_FORMULA: Final = re.compile(rb"f[\s/>]")
SHEETS: Final = "xl/worksheets/"


def read(content: bytes) -> list[RawRow]:
    """Return the rows of the first sheet.

    :raises UnreadableUpload: as `cells` does.
    """
    return to_rows(cells(content))


def cells(content: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    """Return numbered lines of cells of the first sheet; workbooks with macros, formulas or links outside are refused.

    :raises UnreadableUpload: when it is one of these, has merged cells, is too large once unpacked, or damaged.
    """
    check_size(content)
    _inspect(content)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = book.get_sheet_by_index(0)
        height, width = sheet.total_height, sheet.total_width
        if height > MAX_ROWS + 1:
            limits.too_many_rows()
        if width > MAX_COLUMNS:
            refuse("too_many_columns", f"the sheet has {width} columns; at most {MAX_COLUMNS} are taken")
        _check_merged(sheet.merged_cell_ranges or ())
        table = sheet.to_python(skip_empty_area=False)
    except UnreadableUpload:
        raise
    except Exception:  # noqa: BLE001 - the reader raises types of its own for any damage
        refuse("damaged", "the file is damaged or no .xlsx workbook", "Save it again as .xlsx.")
    return _cells(table)


def _check_merged(ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    for (top, left), (bottom, right) in sorted(ranges):
        where = f"{_column_name(left)}{top + 1}:{_column_name(right)}{bottom + 1}"
        refuse("merged_cells", f"the cells {where} are merged, so that it is not clear which column is which",
               "Unmerge them and give each column its heading.", row=top + 1, field=where)  # fmt: skip


def _column_name(index: int) -> str:
    name = ""
    while index >= 0:
        name = chr(65 + index % 26) + name
        index = index // 26 - 1
    return name


def _inspect(content: bytes) -> None:
    archive = open_checked(content)
    names = {name.lower() for name in archive.namelist()}
    if "xl/workbook.xml" not in names:
        refuse("not_a_workbook", "the file is a zip archive but no .xlsx workbook", "Save it as .xlsx.")
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        refuse("macros", "the workbook holds macros", "Save it as .xlsx without them.")
    if any(name.startswith("xl/externallinks/") for name in names):
        refuse("external_links", "the workbook links to other files", "Paste values and save it again.")
    entry, tail = "", b""
    for name, chunk in unpack_within_limits(content, archive):
        if name != entry:
            entry, tail = name, b""
        if not name.lower().startswith(SHEETS):
            continue
        seen = tail + chunk
        if MAY_BE_FORMULA.search(seen) and FORMULA.search(seen):
            refuse("formulas", "the workbook holds formulas", "Paste values and save it again.")
        if MAY_BE_FAR.search(seen):
            _check_extent(seen)
        tail = seen[-OVERLAP:]


def _check_extent(xml: bytes) -> None:
    """Refuse a far-off cell: the reader lays out the whole rectangle up to it."""
    for column, row in REFERENCE.findall(xml):
        if len(column) > 2 or _column_index(column) > MAX_COLUMNS or len(row) > 7 or int(row) > MAX_ROWS + 1:
            refuse("too_far_out", f"the sheet reaches beyond {MAX_ROWS} rows by {MAX_COLUMNS} columns",
                   "Clear what is out there, or split the sheet.")  # fmt: skip


def _column_index(letters: bytes) -> int:
    index = 0
    for letter in letters.upper():
        index = index * 26 + letter - 64
    return index


def _cells(table: list[list[Any]]) -> Iterator[tuple[int, Sequence[str]]]:
    for number, cells in enumerate(table, start=1):
        yield number, [cell if type(cell) is str else _text(cell) for cell in cells]


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
