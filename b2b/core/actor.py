"""Who asks: every read and every write names an actor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

DEALER: Final = "dealer"
FACTORY: Final = "factory"
CARRIER: Final = "carrier"
FUNDER: Final = "funder"
OPERATOR: Final = "operator"
SYSTEM: Final = "system"
NOBODY: Final = "nobody"

KINDS: Final = (DEALER, FACTORY, CARRIER, FUNDER, OPERATOR)


@dataclass(frozen=True, slots=True)
class Actor:
    """A party acting through a person, a machine credential or the platform itself.

    `kind` is the organisation's kind (or "system" / "nobody"); `scopes` are what a machine credential may do,
    empty for people, who may do what their roles allow.
    """

    kind: str = NOBODY
    organization_id: int | None = None
    organization_code: str = ""
    user_id: int | None = None
    name: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    scopes: frozenset[str] = field(default_factory=frozenset)
    request_id: str = ""
    credential: str = ""

    @property
    def sees_all(self) -> bool:
        """Operators and the platform itself see every party's rows."""
        return self.kind in (OPERATOR, SYSTEM)

    @property
    def is_anonymous(self) -> bool:
        """True when nobody has identified themselves."""
        return self.kind == NOBODY

    def __str__(self) -> str:
        return self.name or self.organization_code or self.kind


NOBODY_ACTOR: Final = Actor()


def system(name: str = "system") -> Actor:
    """Return the platform acting for itself: jobs, handlers, migrations."""
    return Actor(kind=SYSTEM, name=name)


_current: ContextVar[Actor] = ContextVar("midstream_actor", default=NOBODY_ACTOR)


def current() -> Actor:
    """Return who is acting in this context; nobody unless someone said so."""
    return _current.get()


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    """Let `actor` act inside the block; every SQL statement in it carries the actor (see b2b.db.backend)."""
    token = _current.set(actor)
    try:
        yield actor
    finally:
        _current.reset(token)
