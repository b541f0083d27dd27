"""What the warehouse must know at once and others answer: how scarce goods are shared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from b2b.core.port import Port


class ShortClaim(NamedTuple):
    """Base units of scarce goods promised to a dealer and not kept yet; `rank` is its place in the queue."""

    dealer_id: int
    requested: int
    rank: int


class Sharing(Protocol):
    """Orders declares by which policy dealers share what is scarce."""

    def share_scarce(self, quantity: int, claims: Sequence[ShortClaim]) -> list[int]:
        """Return what each claim gets of `quantity` base units; nobody more than it asks, and all of it if asked."""
        ...


sharing: Final[Port[Sharing]] = Port("warehousing.sharing")
