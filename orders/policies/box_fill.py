"""The last phase before a cut-off: what is taken must fill a pack that has been started (Foodsoft's box-fill)."""

from __future__ import annotations

from dataclasses import dataclass

from orders.policies.pooling import smallest


@dataclass(frozen=True, slots=True)
class Need:
    """What a pool wants of a product: base units that are firm, and how many more dealers would take."""

    quantity: int
    tolerance: int = 0


def missing(need: Need, *, minimum: int, multiple: int) -> int:
    """Return how many base units a pool lacks until its factory sells it: minimum, then full packs of `multiple`.

    Tolerance fills a pack that was started and starts none. Promise: nothing is missing of nothing, and adding what is
    missing leaves nothing missing.
    """
    lacking = smallest(need.quantity, minimum=minimum, multiple=multiple) - need.quantity
    return max(0, lacking - need.tolerance)


def admits(before: Need, after: Need, *, minimum: int, multiple: int) -> bool:
    """Tell whether a change is taken while packs are filled: it must lower what is missing.

    Promise: no sequence of admitted changes ends with more missing than it began with, and there are at most as many
    as units were missing; from a full pack on, nothing is admitted.
    """
    return missing(after, minimum=minimum, multiple=multiple) < missing(
        before, minimum=minimum, multiple=multiple
    )
