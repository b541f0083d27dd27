"""From a file, a request body or a pasted table to rows; nothing here touches the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from b2b.core.collector import collecting_later
from orders.policies.raw_row import RawRow
from orders.services.upload import delimited, json_rows, workbook
from orders.services.upload.limits import UnreadableUpload, refuse

_READERS: Final[dict[str, Callable[[bytes], list[RawRow]]]] = {
    "csv": delimited.read,
    "tsv": delimited.read,
    "xlsx": workbook.read,
    "json": json_rows.read,
    "ndjson": json_rows.read_lines,
}
FORMATS: Final = tuple(_READERS)


OLD_CONTAINER: Final = b"\xd0\xcf\x11\xe0"  # OLE2: .xls, and an .xlsx behind a password
ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


def format_of(filename: str, content: bytes) -> str:
    """Return the format of a file by its content first and its name second.

    :raises UnreadableUpload: for formats that are not taken.
    """
    if content.startswith(b"PK"):
        return "xlsx"
    extension = filename.rpartition(".")[2].lower()
    if content.startswith(OLD_CONTAINER) and ENCRYPTED in content:
        refuse("encrypted", "the workbook is encrypted", "Remove the password and save it again.")
    if extension in ("xls", "xlsm", "xlsb", "ods"):
        refuse("old_format", f".{extension} files are not taken", "Save it as .xlsx or .csv.")
    if content.startswith(OLD_CONTAINER):
        refuse("old_format", "this is an Excel file from before 2007; such files are not taken",
               "Save it as .xlsx or .csv.")  # fmt: skip
    if extension in _READERS:
        return "csv" if extension == "xlsx" else extension
    return {b"[": "json", b"{": "ndjson"}.get(content.lstrip()[:1], "csv")


def read(content: bytes, *, filename: str = "", kind: str = "") -> list[RawRow]:
    """Return the rows of an upload; the file's own row numbers are kept.

    :raises UnreadableUpload: when it is too large, not what it says, or holds what is not taken.
    """
    kind = kind or format_of(filename, content)
    if kind not in _READERS:
        refuse("unknown_format", f"{kind} is none of {', '.join(FORMATS)}")
    with collecting_later():
        return _READERS[kind](content)


__all__ = ["FORMATS", "UnreadableUpload", "format_of", "read"]
