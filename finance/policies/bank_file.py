"""Tell which format a bank's file has, and read it."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, Final

from finance.policies import bank_csv, camt, swift_mt
from finance.policies.bank_csv import Layout
from finance.policies.bank_statement import BankLine, Statement, bad

SNIFFED: Final = 4096


def read(
    source: bytes | BinaryIO, layout: Layout | None = None, account: tuple[str, str] = ("", "")
) -> Iterator[BankLine | Statement]:
    """Yield the lines and statements of a camt, MT or, with the layout of the (identifier, currency), a CSV file.

    :raises BadStatement: when the file is none of these, or at fault.
    """
    file = BytesIO(source) if isinstance(source, bytes) else source
    start = file.read(SNIFFED)
    file.seek(0)
    if not start.strip():
        raise bad("the file is empty", 1)
    if _is_xml(start):
        return camt.read(file)
    if b":20:" in start and b":25" in start:
        return swift_mt.read(file)
    if layout is not None:
        return bank_csv.read(file, layout, account=account[0], currency=account[1])
    raise bad("the file is neither camt nor MT940; a CSV file needs the account and its saved columns", 1)


def _is_xml(start: bytes) -> bool:
    if b"\x00<" in start[:8] or b"<\x00" in start[:8]:  # UTF-16
        return True
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"
