"""Keep photos of damage as they came."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from b2b.core.errors import Invalid, Problem
from warehousing.models import Evidence

MOST_BYTES: Final = 5 * 2**20
MAGIC: Final = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"RIFF": "image/webp",
}


@dataclass(frozen=True, slots=True)
class Photo:
    """The bytes of a picture."""

    content: bytes


def keep(photo: Photo, *, at: datetime) -> Evidence:
    """Keep a photo and return it; the same picture is kept once. What it is follows from its bytes, not its name.

    :raises Invalid: when it is no JPEG, PNG or WebP, or too large.
    """
    kind = next((kind for magic, kind in MAGIC.items() if photo.content.startswith(magic)), "")
    if not kind or (kind == "image/webp" and photo.content[8:12] != b"WEBP"):
        raise _refused("a photo is JPEG, PNG or WebP", "take it again in one of these")
    if len(photo.content) > MOST_BYTES:
        raise _refused(f"a photo has at most {MOST_BYTES // 2**20} MB", "take it at a lower resolution")
    made, _ = Evidence.objects.get_or_create(
        sha256=hashlib.sha256(photo.content).hexdigest(),
        defaults={"media_type": kind, "content": photo.content, "taken_at": at},
    )
    return made


def _refused(message: str, remedy: str) -> Invalid:
    return Invalid(message, problems=[Problem("bad_photo", message, "/photo", remedy=remedy)])
