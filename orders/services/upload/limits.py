"""How much an upload may hold, and how one that cannot be read is refused."""

from __future__ import annotations

from typing import Final, NoReturn

from b2b.core.errors import Invalid, Problem

MAX_BYTES: Final = 32 * 1024 * 1024
MAX_ROWS: Final = 100_000
MAX_CELL_CHARACTERS: Final = 200
MAX_OPTIONS_CHARACTERS: Final = 2_000


class UnreadableUpload(Invalid):
    """The upload cannot be read; nothing was taken from it."""

    code = "unreadable_upload"


def refuse(code: str, message: str, remedy: str = "", *, row: int | None = None, field: str = "") -> NoReturn:
    """Refuse an upload as a whole, saying what is wrong where and how to mend it.

    :raises UnreadableUpload: always.
    """
    raise UnreadableUpload(message, problems=[Problem(code, message, row=row, field=field, remedy=remedy)])


def check_size(content: bytes) -> None:
    """Refuse an empty or oversized upload.

    :raises UnreadableUpload: when it is.
    """
    if not content.strip():
        refuse("empty_file", "the upload is empty", "Choose the file that holds your rows.")
    if len(content) > MAX_BYTES:
        refuse("file_too_large", f"the upload is larger than {MAX_BYTES // 1024 // 1024} MB", "Split it.")


def too_many_rows() -> NoReturn:
    """Refuse an upload of more rows than are taken at once; none is dropped in silence.

    :raises UnreadableUpload: always.
    """
    refuse("too_many_rows", f"there are more than {MAX_ROWS} rows", "Split the upload.")
