"""A question without a known answerer: the asker declares a Protocol, the wiring binds a facade."""

from __future__ import annotations

from typing import Generic, TypeVar

from b2b.core.errors import DomainError

P = TypeVar("P")


class UnboundPort(DomainError):
    """A port was asked before b2b.wiring bound an answerer to it."""

    code = "unbound_port"
    status = 500


class Port(Generic[P]):
    """Holds the answerer of one Protocol; call it to get the answerer: `credit().hold(...)`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._answerer: P | None = None

    def bind(self, answerer: P) -> None:
        """Name who answers; a module serves as well as an object."""
        self._answerer = answerer

    def __call__(self) -> P:
        """Return the answerer.

        :raises UnboundPort: when nothing is bound.
        """
        if self._answerer is None:
            raise UnboundPort(f"port {self.name} has no answerer; see b2b/wiring.py", port=self.name)
        return self._answerer
