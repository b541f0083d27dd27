"""What the warehouse must know at once and others answer: how scarce goods are shared, which are pledged, what left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple, Protocol
from uuid import UUID

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


class OwnGoods(NamedTuple):
    """Base units of a party's own goods that leave a site; negative when they come back."""

    owner_id: int
    product_id: int
    site_id: int
    quantity: int


class OwnedAt(NamedTuple):
    """A product of a party at a site."""

    owner_id: int
    product_id: int
    site_id: int


class Pledges(Protocol):
    """Finance knows which goods of parties secure money, and so may not leave."""

    def pledged(self, goods: Collection[OwnedAt]) -> Mapping[tuple[int, int, int], int]:
        """Return how many base units of these are pledged; those of which none are missing."""
        ...

    def take(self, goods: Sequence[OwnGoods], *, document_id: UUID, at: datetime) -> None:
        """Let goods leave their owner's stock, in the transaction that moves them; refuse what is pledged."""
        ...


pledges: Final[Port[Pledges]] = Port("warehousing.pledges")


class TakenOff(NamedTuple):
    """A package of a wave that does not go, and what it holds of order lines: (order line, base units)."""

    package_id: UUID
    wave_id: UUID
    lines: tuple[tuple[int, int], ...]


class Carriage(Protocol):
    """Logistics knows which packages are on vehicles."""

    def take_off(self, packages: Sequence[TakenOff], *, reason: str, at: datetime) -> None:
        """Take packages off their shipments, in the transaction that pulls them; refuse when one has left."""
        ...


carriage: Final[Port[Carriage]] = Port("warehousing.carriage")
