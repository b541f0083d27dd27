"""How much more than advised may be taken in, and whose rule decides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Scoped(Protocol):
    """A rule for a product, a category and a factory; None or empty means any."""

    @property
    def product_id(self) -> int | None: ...
    @property
    def category(self) -> str: ...
    @property
    def factory_id(self) -> int | None: ...


R = TypeVar("R", bound=Scoped)


def most(expected: int, percent: int) -> int:
    """Return the largest acceptable count: `expected` and `percent` more, rounded down."""
    return expected + expected * percent // 100


def narrowest(rules: Iterable[R], *, product_id: int, category: str, factory_id: int) -> R | None:
    """Return the rule that says most about these goods: the product before its category, then the factory.

    Promise: a rule that names another product, category or factory is never returned.
    """
    fitting = [
        rule
        for rule in rules
        if rule.product_id in (None, product_id)
        and rule.category in ("", category)
        and rule.factory_id in (None, factory_id)
    ]
    return max(
        fitting,
        key=lambda rule: (rule.product_id is not None, rule.category != "", rule.factory_id is not None),
        default=None,
    )
