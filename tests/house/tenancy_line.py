"""A line of the tenancy matrix: how to make an object of an owner, and who may see and change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from b2b.core.actor import DEALER, KINDS, OPERATOR
from tests.factories import directory

ALL = frozenset({"owner", "rival", *KINDS})


class World:
    """One organisation of each kind and a rival of each."""

    def __init__(self) -> None:
        self.parties = {kind: directory.organization(kind) for kind in KINDS}
        self.rivals = {kind: directory.organization(kind) for kind in KINDS}

    def __getitem__(self, kind: str) -> Any:
        return self.parties[kind]

    def callers(self, owner: str) -> dict[str, Any]:
        """Return every party that tries, by its name in a line."""
        others = {kind: party for kind, party in self.parties.items() if kind != owner}
        return {"owner": self.parties[owner], "rival": self.rivals[owner], **others, "anonymous": None}


@dataclass(frozen=True)
class Case:
    """An object of the owner: the values of its URL, and a text that only those who may see it ever read."""

    values: Mapping[str, Any] = field(default_factory=dict)
    marker: str = ""
    query: str = ""


@dataclass(frozen=True)
class Line:
    """What a route is about; `sees` may read, `changes` may call POST, PATCH, PUT and DELETE."""

    make: Callable[[World], Case]
    owner: str = DEALER
    sees: frozenset[str] = frozenset({"owner", OPERATOR})
    changes: frozenset[str] = frozenset()
    body: Callable[[World], Any] = lambda world: {}


__all__ = ["ALL", "Case", "Line", "World"]
