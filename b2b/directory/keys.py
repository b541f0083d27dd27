"""The text of an API key: `msk_<prefix>_<256 random bits>`."""

from __future__ import annotations

import hashlib
import secrets

MARK = "msk_"


def make() -> tuple[str, str]:
    """Return a new public prefix and the whole text of a key."""
    prefix = secrets.token_hex(6)
    return prefix, f"{MARK}{prefix}_{secrets.token_urlsafe(32)}"


def prefix_of(token: str) -> str:
    """Return the public part of a key's text, whatever the text is."""
    return token.removeprefix(MARK).partition("_")[0][:12]


def digest(token: str) -> str:
    """Return the SHA-256 of a key, in hexadecimal; all that is kept of it."""
    return hashlib.sha256(token.encode()).hexdigest()
