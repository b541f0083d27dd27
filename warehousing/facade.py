"""What the warehouse answers: the ports StockPosition of orders, Staging of logistics and
OwnedGoods of finance. Bound in b2b/wiring.py."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from b2b.contracts.warehousing import DemandLine
from b2b.core.actor import acting_as, system
from b2b.core.clock import now
from b2b.db.transactions import unit_of_work
from warehousing.selectors import availability, need, own_goods, package
from warehousing.services import demand


@unit_of_work()
def cover(lines: Sequence[DemandLine], *, at: datetime) -> dict[int, int]:
    """Promise free stock to order lines and return line -> total covered from stock; asking again is safe."""
    with acting_as(system("stock")):
        return demand.cover(lines, at=at)


def kept(order_line_ids: Collection[int]) -> dict[int, int]:
    """Return order line -> base units promised or picked for it from free stock; lines without any are missing."""
    with acting_as(system("stock")):
        return need.from_stock(order_line_ids)


def available(product_ids: Collection[int]) -> dict[int, int]:
    """Return product -> base units nobody was promised; 0 for products never stocked."""
    with acting_as(system("stock")):
        return availability.free(product_ids, today=now().date())


def blocked(package_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return why packages must not leave: a lot is in quarantine, recalled or rejected, or goods are pledged."""
    with acting_as(system("stock")):
        return package.blocked(package_ids)


def pulled(package_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these packages were pulled."""
    with acting_as(system("stock")):
        return package.pulled(package_ids)


def owned(goods: Collection[tuple[int, int, int]]) -> dict[tuple[int, int, int], int]:
    """Return by (owner, product, site) the base units a party owns there, fit for use and not gone yet."""
    with acting_as(system("stock")):
        return own_goods.on_hand(goods)
