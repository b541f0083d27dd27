"""Two sources of one truth, compared: each app registers what it can reconcile; finance runs them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that does not agree: what, by which reference, what was expected and what was found."""

    kind: str
    reference: str
    expected: str
    found: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many things were compared, and those that did not agree."""

    compared: int
    differences: tuple[Difference, ...] = ()


Reconciler = Callable[[], Outcome]

RECONCILERS: dict[str, Reconciler] = {}


def reconciler(name: str) -> Callable[[Reconciler], Reconciler]:
    """Register a comparison under the name `manage.py reconcile --what` knows it by; it only reads.

    :raises ValueError: when the name is taken.
    """

    def register(compare: Reconciler) -> Reconciler:
        if name in RECONCILERS and RECONCILERS[name] is not compare:
            raise ValueError(f"reconciler {name} is registered twice")
        RECONCILERS[name] = compare
        return compare

    return register
