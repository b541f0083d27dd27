"""What waits for somebody, gathered over all apps: each app names its own, the control tower shows them together.

An app registers in its `admin/pending.py`; it reads through its own selectors, so that nobody joins tables of two apps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

LISTED = 200  # of one kind; the oldest come first


@dataclass(frozen=True, slots=True)
class Pending:
    """One thing that is late, short or blocked: what, since when, why, and whose turn it is."""

    kind: Any
    number: str
    since: datetime
    reason: Any
    owner: Any
    url: str


Source = Callable[[HttpRequest], Iterable[Pending]]
_sources: list[Source] = []


def source(call: Source) -> Source:
    """Register a function that returns what waits in an app, at most `LISTED` of a kind, the oldest first."""
    _sources.append(call)
    return call


def everything(request: HttpRequest) -> list[Pending]:
    """Ask every app and return all of it, the oldest first; a constant number of queries for each app."""
    return sorted(
        (one for call in _sources for one in call(request)), key=lambda one: (one.since, one.number)
    )
