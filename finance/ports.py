"""What finance must know at once and others answer: which goods of a party lie where."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, Protocol

from b2b.core.port import Port


class OwnedGoods(Protocol):
    """The warehouse counts what a party owns."""

    def owned(self, goods: Collection[tuple[int, int, int]]) -> Mapping[tuple[int, int, int], int]:
        """Return by (owner, product, site) the base units that a party owns there, fit for use and not gone yet."""
        ...


goods: Final[Port[OwnedGoods]] = Port("finance.goods")
