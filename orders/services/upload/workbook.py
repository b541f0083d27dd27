"""XLSX workbooks, read by python-calamine after a look into the archive."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

import python_calamine

from orders.policies.order_row import RawRow
from orders.services.upload.archive import open_checked, unpack_within_limits
from orders.services.upload.limits import MAX_ROWS, UnreadableUpload, check_size, to_rows

MAX_COLUMNS: Final = 64
OVERLAP: Final = 64  # a tag may be cut by the end of a chunk
REFERENCE: Final = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)([0-9]+)""")
FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s/>]")
SHEETS: Final = "xl/worksheets/"


def read(content: bytes) -> list[RawRow]:
    """Return the rows of the first sheet; workbooks with macros, formulas or links outside are refused.

    :raises UnreadableUpload: when it is one of these, too large once unpacked, or damaged.
    """
    check_size(content)
    _inspect(content)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = book.get_sheet_by_index(0)
        height, width = sheet.total_height, sheet.total_width
        if height > MAX_ROWS + 1 or width > MAX_COLUMNS:
            raise UnreadableUpload(
                f"the sheet is {height} rows by {width} columns; at most {MAX_ROWS} by {MAX_COLUMNS} are taken"
            )
        table = sheet.to_python(skip_empty_area=False)
    except UnreadableUpload:
        raise
    except Exception as error:  # the reader raises types of its own for any damage
        raise UnreadableUpload("the file is damaged or no .xlsx workbook") from error
    return to_rows(_cells(table))


def _inspect(content: bytes) -> None:
    archive = open_checked(content)
    names = {name.lower() for name in archive.namelist()}
    if "xl/workbook.xml" not in names:
        raise UnreadableUpload("the file is a zip archive but no .xlsx workbook")
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        raise UnreadableUpload("the workbook holds macros; save it as .xlsx without them")
    if any(name.startswith("xl/externallinks/") for name in names):
        raise UnreadableUpload("the workbook links to other files; paste values and save it again")
    entry, tail = "", b""
    for name, chunk in unpack_within_limits(content, archive):
        if name != entry:
            entry, tail = name, b""
        if not name.lower().startswith(SHEETS):
            continue
        seen = tail + chunk
        if FORMULA.search(seen):
            raise UnreadableUpload("the workbook holds formulas; paste values and save it again")
        _check_extent(seen)
        tail = seen[-OVERLAP:]


def _check_extent(xml: bytes) -> None:
    """Refuse a far-off cell: the reader lays out the whole rectangle up to it."""
    for column, row in REFERENCE.findall(xml):
        if len(column) > 2 or _column_index(column) > MAX_COLUMNS or len(row) > 7 or int(row) > MAX_ROWS + 1:
            raise UnreadableUpload(
                f"the sheet reaches beyond {MAX_ROWS} rows by {MAX_COLUMNS} columns; clear what is out there"
            )


def _column_index(letters: bytes) -> int:
    index = 0
    for letter in letters.upper():
        index = index * 26 + letter - 64
    return index


def _cells(table: list[list[Any]]) -> Iterator[tuple[int, Sequence[str]]]:
    for number, cells in enumerate(table, start=1):
        yield number, [_text(cell) for cell in cells]


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
