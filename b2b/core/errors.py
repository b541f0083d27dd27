"""What can go wrong in the trade: stable public codes, a readable sentence, a remedy, the place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in an input: where (JSON pointer or row and column), what, and how to go on."""

    code: str
    message: str
    pointer: str = ""
    row: int | None = None
    field: str = ""
    remedy: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the filled members only, as the API shows them."""
        members = ("code", "message", "pointer", "row", "field", "remedy")
        return {name: value for name in members if (value := getattr(self, name)) not in ("", None)}


@dataclass(eq=False)
class DomainError(Exception):
    """Base of every refusal; `code` is public and stable, `status` the HTTP answer it maps to."""

    message: str = ""
    problems: tuple[Problem, ...] = ()
    context: dict[str, Any] = field(default_factory=dict)

    code: ClassVar[str] = "domain_error"
    status: ClassVar[int] = 409

    def __init__(self, message: str = "", *, problems: Iterable[Problem] = (), **context: Any) -> None:
        self.message = message or (type(self).__doc__ or "").strip().split("\n")[0]
        self.problems = tuple(problems)
        self.context = context
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message


class Invalid(DomainError):
    """The input has faults; nothing was written."""

    code = "invalid"
    status = 422


class NotFound(DomainError):
    """There is no such thing, or it is not yours to see."""

    code = "not_found"
    status = 404


class Forbidden(DomainError):
    """You may see this but not do it."""

    code = "forbidden"
    status = 403


class NotYet(DomainError):
    """A fact this step needs has not arrived; the same call will work later."""

    code = "not_yet"
    status = 409
