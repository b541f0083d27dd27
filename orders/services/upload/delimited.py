"""CSV, TSV and tables pasted from a spreadsheet."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from orders.policies.raw_row import RawRow
from orders.services.upload.limits import check_size, refuse
from orders.services.upload.table import to_rows

ENCODINGS: Final[tuple[str, ...]] = ("utf-8-sig", "gb18030")
UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DELIMITERS: Final = ("\t", ",", ";", "|")
DECLARED: Final = "sep="  # how Excel is told the delimiter


def read(content: bytes) -> list[RawRow]:
    """Return the rows of a delimited text.

    :raises UnreadableUpload: when it is not such a text.
    """
    return to_rows(cells(content))


def cells(content: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    """Return numbered lines of cells of a text in UTF-8, UTF-16 or GB 18030; comma, semicolon, tab or bar is found out.

    :raises UnreadableUpload: when it is not such a text.
    """
    check_size(content)
    text = _decode(content)
    first, _, rest = text.partition("\n")
    skipped = 0
    if first.lower().startswith(DECLARED) and len(first.strip()) == len(DECLARED) + 1:
        delimiter, text, skipped = first[len(DECLARED)], rest, 1
    else:
        delimiter = max(DELIMITERS, key=text.lstrip().partition("\n")[0].count)
    return _cells(text, delimiter, skipped)


def _decode(content: bytes) -> str:
    encodings = ENCODINGS
    if content.startswith(UTF_16):
        encodings = ("utf-16",)
    elif _is_wide(content):
        encodings = ("utf-16-be" if content[0] == 0 else "utf-16-le",)
    elif b"\0" in content:
        refuse("not_text", "this is not a text file", "Save it as CSV or .xlsx.")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return refuse(
        "wrong_encoding", "the text is neither UTF-8, UTF-16 nor GB 18030", "Save the file as CSV in UTF-8."
    )


def _is_wide(content: bytes) -> bool:
    """Tell UTF-16 without a mark: of the first line nearly every second byte is zero, and no other."""
    start = content[:200]
    even, odd = start[::2].count(0), start[1::2].count(0)
    return len(start) > 3 and min(even, odd) == 0 and max(even, odd) > len(start) // 4


def _cells(text: str, delimiter: str, skipped: int) -> Iterator[tuple[int, Sequence[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num + skipped, cells
    except csv.Error as error:
        line = reader.line_num + skipped
        refuse(
            "broken_line", f"line {line}: {error}", "Look for a quotation mark that is not closed.", row=line
        )
