"""Whether bytes are the picture they are said to be, by their first bytes; nothing is decoded."""

from __future__ import annotations

from typing import Final

from b2b.core.errors import Invalid, Problem

LARGEST: Final = 4_000_000  # bytes of a picture; a telephone's own, made smaller, has a tenth
BEGINNINGS: Final = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
}


def media_type(content: bytes) -> str:
    """Return the media type of a picture, JPEG or PNG.

    :raises Invalid: when it is neither, is empty, or is larger than LARGEST.
    """
    if len(content) > LARGEST:
        raise _refusal("too_large", f"{len(content)} bytes", f"send {LARGEST} bytes at most: make it smaller")
    for kind, beginning in BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    raise _refusal("wrong_type", "the file is neither a JPEG nor a PNG", "take a photo in one of the two")


def _refusal(code: str, message: str, remedy: str) -> Invalid:
    return Invalid("the picture cannot be kept", problems=[Problem(code, message, "/file", remedy=remedy)])
