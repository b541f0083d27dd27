"""A chain of proofs: each seals itself and the one before it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Link:
    """A sealed proof as it is kept."""

    content: Mapping[str, Any]
    previous_hash: str
    hash: str


def origin(trip_id: UUID) -> str:
    """Return the hash that the first proof of a trip follows."""
    return sha256(f"trip {trip_id}".encode()).hexdigest()


def seal(content: Mapping[str, Any], previous_hash: str) -> str:
    """Return the SHA-256 of the content (JSON, sorted keys, no spaces) after the previous hash."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return sha256(f"{previous_hash}\n{text}".encode()).hexdigest()


def first_break(links: Sequence[Link], start: str) -> int | None:
    """Return the index of the first link that does not follow from the one before it, None when all do."""
    expected = start
    for index, link in enumerate(links):
        if link.previous_hash != expected or link.hash != seal(link.content, expected):
            return index
        expected = link.hash
    return None
