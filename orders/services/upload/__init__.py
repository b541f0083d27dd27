"""From a file, a request body or a pasted table to rows; nothing here touches the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from orders.policies.order_row import RawRow
from orders.services.upload import delimited, json_rows, workbook
from orders.services.upload.limits import UnreadableUpload

_READERS: Final[dict[str, Callable[[bytes], list[RawRow]]]] = {
    "csv": delimited.read,
    "tsv": delimited.read,
    "xlsx": workbook.read,
    "json": json_rows.read,
    "ndjson": json_rows.read_lines,
}
FORMATS: Final = tuple(_READERS)


def format_of(filename: str, content: bytes) -> str:
    """Return the format of a file by its content first and its name second."""
    if content.startswith(b"PK"):
        return "xlsx"
    extension = filename.rpartition(".")[2].lower()
    if extension in ("xls", "xlsm", "xlsb", "ods"):
        raise UnreadableUpload(
            f".{extension} files are not taken; save it as .xlsx or .csv", format=extension
        )
    if extension in _READERS:
        return "csv" if extension == "xlsx" else extension
    return {b"[": "json", b"{": "ndjson"}.get(content.lstrip()[:1], "csv")


def read(content: bytes, *, filename: str = "", kind: str = "") -> list[RawRow]:
    """Return the rows of an upload; the file's own row numbers are kept.

    :raises UnreadableUpload: when it is too large, not what it says, or holds what is not taken.
    """
    kind = kind or format_of(filename, content)
    if kind not in _READERS:
        raise UnreadableUpload(f"{kind} is none of {', '.join(FORMATS)}", format=kind)
    return _READERS[kind](content)
