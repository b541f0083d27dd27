"""What finance must know at once and others answer: which goods of a party lie where."""

from __future__ import annotations

from typing import Final, Protocol

from b2b.core.port import Port


class OwnedGoods(Protocol):
    """The warehouse counts what a party owns."""

    def owned(self, *, owner_id: int, product_id: int, site_id: int) -> int:
        """Return the base units of a product that a party owns at a site, fit for use and not on their way out."""
        ...


goods: Final[Port[OwnedGoods]] = Port("finance.goods")
