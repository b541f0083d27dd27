"""What the warehouse must know at once and others answer: how scarce goods are shared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final, NamedTuple, Protocol

from b2b.core.port import Port


class ShortClaim(NamedTuple):
    """Base units of scarce goods promised to an order line and not kept yet; `rank` is its place in the queue."""

    order_line_id: int
    dealer_id: int
    requested: int
    rank: int


class Sharing(Protocol):
    """Orders declares by which policy dealers share what is scarce."""

    def sharing_of(self, order_line_ids: Collection[int]) -> Callable[[int, Sequence[ShortClaim]], list[int]]:
        """Return how goods are shared among these order lines, all that it takes looked up at once.

        What is returned says what each claim gets of so many base units: nobody more than it asks.
        """
        ...


sharing: Final[Port[Sharing]] = Port("warehousing.sharing")
