"""A score from what the platform has seen itself: its inputs, its version and its reasons are kept with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

VERSION: Final = "2026-11.2"  # with the share of the biggest counterparty
GRADES: Final = ("A", "B", "C", "D")


@dataclass(frozen=True, slots=True)
class Record:
    """How a party has behaved: counts, whole days and basis points of the last year.

    `late_days` weighs each paid document's days beyond its terms by amount. `concentration_bp` is the share of its
    biggest counterparty, `disputed_bp` that of documents with a claim or a credit note.
    """

    documents: int
    late_days: int
    overdue_documents: int
    disputed_bp: int
    concentration_bp: int
    months_active: int


@dataclass(frozen=True, slots=True)
class Score:
    """0 to 100, a grade, and why, the heaviest reason first."""

    points: int
    grade: str
    reasons: tuple[str, ...]


def rate(record: Record) -> Score:
    """Return the score of a record.

    Promise: a record that is worse in one respect and equal in all others never scores higher.
    """
    losses: Sequence[tuple[int, str]] = (
        (min(40, record.late_days * 2), f"pays {record.late_days} days beyond terms on average"),
        (min(30, record.overdue_documents * 10), f"{record.overdue_documents} documents are overdue now"),
        (
            min(15, record.disputed_bp // 100),
            f"{_percent(record.disputed_bp)} % of its documents are disputed",
        ),
        (
            min(10, max(0, record.concentration_bp - 5_000) // 500),
            f"{_percent(record.concentration_bp)} % of its trade is with one party",
        ),
        (max(0, 12 - record.months_active), f"has traded here for {record.months_active} months"),
        (max(0, 10 - record.documents), f"only {record.documents} documents to judge by"),
    )
    points = max(0, 100 - sum(loss for loss, _ in losses))
    ordered = sorted(losses, key=lambda found: -found[0])
    return Score(points, grade_of(points), tuple(reason for loss, reason in ordered if loss))


def _percent(basis_points: int) -> str:
    return f"{(Decimal(basis_points) / 100).normalize():f}"


def grade_of(points: int) -> str:
    """Return A from 80 points, B from 60, C from 40, D below."""
    return next((grade for grade, least in zip(GRADES, (80, 60, 40), strict=False) if points >= least), "D")
