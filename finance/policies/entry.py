"""What is posted: entries and lines as values, and the fingerprint of their content."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

NAMESPACE: Final = uuid5(NAMESPACE_URL, "urn:midstream:finance:ledger")


@dataclass(frozen=True, slots=True)
class Line:
    """One leg: minor units, debit positive, credit negative."""

    account_id: int
    amount: int
    dimension: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A movement to be posted; `forced` lets facts that have happened pass the limits of accounts."""

    id: UUID
    book_id: int
    kind: str
    effective_date: date
    booked_at: datetime
    lines: tuple[Line, ...]
    is_pending: bool = False
    expires_at: datetime | None = None
    source_type: str = ""
    source_id: str = ""
    reverses: UUID | None = None
    resolves: UUID | None = None
    description: str = ""
    forced: bool = False

    def body(self) -> dict[str, object]:
        """Return what makes two entries of one id the same; when it was booked does not."""
        return {
            "book": self.book_id,
            "kind": self.kind,
            "effective_date": self.effective_date.isoformat(),
            "is_pending": self.is_pending,
            "source_type": self.source_type,
            "source_id": self.source_id,
            "reverses": str(self.reverses or ""),
            "resolves": str(self.resolves or ""),
            "lines": [[line.account_id, line.amount, line.dimension] for line in self.lines],
        }

    def body_hash(self) -> str:
        """Return the SHA-256 of the body, written as plain values in the order of its members."""
        said = (
            self.book_id,
            self.kind,
            self.effective_date.toordinal(),
            self.is_pending,
            self.source_type,
            self.source_id,
            self.reverses and self.reverses.hex,
            self.resolves and self.resolves.hex,
            *[(line.account_id, line.amount, line.dimension) for line in self.lines],
        )
        return hashlib.sha256(ascii(said).encode()).hexdigest()

    def balance(self) -> int:
        """Return the sum of the lines; zero unless the entry is wrong."""
        return sum(line.amount for line in self.lines)


def entry_id(kind: str, *parts: object) -> UUID:
    """Return the same id for the same fact, so that posting it twice is harmless (UUID version 5)."""
    return uuid5(NAMESPACE, ":".join([kind, *map(str, parts)]))


def first_difference(ours: dict[str, object], theirs: dict[str, object]) -> str:
    """Name the first member in which two bodies differ, empty when they are equal."""
    return next((name for name in ours if ours[name] != theirs.get(name)), "")


def mirrored(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines with every sign turned: what undoes them."""
    return tuple(Line(line.account_id, -line.amount, line.dimension) for line in lines)
