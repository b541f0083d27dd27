"""CSV, TSV and tables pasted from a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from orders.policies.order_row import RawRow
from orders.services.upload.limits import UnreadableUpload, check_size, to_rows

ENCODINGS: Final = ("utf-8-sig", "gb18030")


def read(content: bytes) -> list[RawRow]:
    """Return the rows of a delimited text in UTF-8 or GB 18030; comma, semicolon or tab is found out.

    :raises UnreadableUpload: when it is not such a text.
    """
    check_size(content)
    if b"\0" in content:
        raise UnreadableUpload("this is not a text file; save it as CSV or .xlsx")
    text = _decode(content)
    first = text.partition("\n")[0]
    delimiter = max(("\t", ",", ";"), key=first.count)
    return to_rows(_cells(text, delimiter))


def _decode(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableUpload("the text is neither UTF-8 nor GB 18030")


def _cells(text: str, delimiter: str) -> Iterator[tuple[int, Sequence[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise UnreadableUpload(f"line {reader.line_num}: {error}", row=reader.line_num) from error
