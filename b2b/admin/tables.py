"""Tables, facts and timelines as plain data; the templates only lay them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """A column heading; numbers stand right."""

    label: Any
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; `empty` says what its absence means, `more_url` leads to all of it."""

    title: Any
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    empty: Any = ""
    more_url: str = ""
    more_label: Any = ""
    foot: Sequence[Any] = ()
    note: Any = ""
    before_url: str = ""
    after_url: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value at the top of a document."""

    label: Any
    value: Any


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One moment in a document's life."""

    at: datetime
    title: Any = field(compare=False)
    detail: Any = field(compare=False, default="")
    who: str = field(compare=False, default="")
    url: str = field(compare=False, default="")
    tone: str = field(compare=False, default="")


def columns(*labels: Any) -> list[Column]:
    """Make columns from labels; a label in a tuple heads a column of numbers."""
    return [Column(label[0], numeric=True) if isinstance(label, tuple) else Column(label) for label in labels]
