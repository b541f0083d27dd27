"""How much to buy for many small needs, and who joins: minimum, multiple and price break are chosen on the sum."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from b2b.core.quantity import round_up_to_multiple
from orders.policies import tranche
from orders.policies.pricing import Break
from orders.policies.tranche import Part


@dataclass(frozen=True, slots=True)
class Purchase:
    """What to buy: base units, of which `surplus` nobody asked for, at a price before tax.

    Above what is left of an agreement it has several `parts`, each of its own price; `unit_price` is their mean.
    """

    quantity: int
    surplus: int
    unit_price: Decimal
    parts: tuple[Part, ...] = ()

    @property
    def priced(self) -> tuple[Part, ...]:
        """The parts of different prices; all of it when it has one."""
        return self.parts or (Part(self.quantity, self.unit_price),)


def admits(quantity: int, *, minimum: int, multiple: int) -> bool:
    """Tell whether a quantity keeps to a minimum and a multiple: 48 by 24 admits 48, 72, 96, not 50."""
    return quantity >= minimum and quantity % multiple == 0


def smallest(quantity: int, *, minimum: int, multiple: int) -> int:
    """Return the least admitted quantity that is at least `quantity`; nothing is wanted of nothing."""
    return round_up_to_multiple(max(quantity, minimum), multiple) if quantity else 0


def plan(
    need: int, *, minimum: int, multiple: int, breaks: Sequence[Break], agreed: Sequence[Part] = ()
) -> Purchase | None:
    """Return the purchase that covers `need` at the lowest total cost, surplus included.

    What is left of agreements may be `agreed` besides: bought at their prices, and the rest by the table. Promise:
    quantity is admitted, at least `need`, and no admitted quantity costs less in total; of equal costs the smaller
    quantity wins. None when nothing is needed or no break has a price for any admitted quantity.
    `breaks` ascend by quantity.

    :raises ValueError: when `need` is negative or `multiple` not positive.
    """
    if need < 0:
        raise ValueError("a need is not negative")
    if need == 0:
        return None
    least = smallest(need, minimum=minimum, multiple=multiple)
    # Within one price the smallest quantity is cheapest, so only the least of each price can win; more than the least
    # is bought for the sake of a break alone, and then the table gives all of it.
    candidates = {least} | {
        round_up_to_multiple(step.min_quantity, multiple) for step in breaks if step.min_quantity > least
    }
    priced = [
        found
        for quantity in candidates
        if (found := _bought(quantity, need, breaks=breaks, agreed=agreed)) is not None
    ]
    return min(priced, key=lambda buy: (tranche.cost(buy.priced), buy.quantity), default=None)


def _bought(quantity: int, need: int, *, breaks: Sequence[Break], agreed: Sequence[Part]) -> Purchase | None:
    parts = tranche.cheapest(quantity, agreed, breaks)
    if not parts:
        return None
    several = parts if len(parts) > 1 else ()
    return Purchase(quantity, max(0, quantity - need), tranche.mean_price(parts), several)


@dataclass(frozen=True, slots=True)
class Tier:
    """The needs of one pool that share a ceiling: the sum, and by how much it may grow or shrink, in base units.

    No ceiling is None: these join at any price.
    """

    ceiling: Decimal | None
    quantity: int
    flex_up: int = 0
    flex_down: int = 0

    def accepts(self, unit_price: Decimal) -> bool:
        """Tell whether these needs join a pool of this price."""
        return self.ceiling is None or unit_price <= self.ceiling


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a pool buys for those who joined: `need` as they ordered, `flexed` more (or fewer, negative) as they allow.

    The purchase is need + flexed + surplus.
    """

    purchase: Purchase
    need: int
    flexed: int


def commit(
    tiers: Collection[Tier],
    *,
    minimum: int,
    multiple: int,
    breaks: Sequence[Break],
    agreed: Sequence[Part] = (),
) -> Commitment | None:
    """Return what a pool buys when every need joins only at a price within its ceiling; None when nobody joins.

    The price is the mean of all the pool buys, the same for everybody who joins. Promise: everyone who joins accepts
    the price; those who join are the greatest set of all above a ceiling that does, so that nobody is left out who
    would pay more than one who joins; the result depends on the set of needs, never on their order. Where prices only
    fall with quantity it is the greatest set of any kind, and more demand never raises the price of those who are in.
    Method: the greatest fixed point, by leaving out from the top (Kleene iteration over the lattice of ceilings).
    What is bought beyond the need is offered first to those who take more, then avoided by those who take less.
    """
    joined = list(tiers)
    # Fewer never pay less where prices only fall: all who do not accept may leave at once.
    falls = not agreed and all(low.unit_price >= high.unit_price for low, high in pairwise(breaks))
    while joined:
        need = sum(tier.quantity for tier in joined)
        bought = plan(need, minimum=minimum, multiple=multiple, breaks=breaks, agreed=agreed)
        if bought is None:
            return None
        accepting = [tier for tier in joined if tier.accepts(bought.unit_price)]
        if len(accepting) == len(joined):
            flexed = _flexed(bought, need, up=sum(tier.flex_up for tier in joined))
            fewer = need // multiple * multiple
            down = sum(tier.flex_down for tier in joined)
            if not flexed.purchase.surplus or not 0 < need - fewer <= down:
                return flexed
            if not fewer or not admits(fewer, minimum=minimum, multiple=multiple):
                return flexed
            less = _bought(fewer, need, breaks=breaks, agreed=agreed)
            if less is None or less.unit_price > bought.unit_price:
                return flexed
            return Commitment(less, need, fewer - need)
        joined = accepting if falls else _without_lowest(joined)
    return None


def _without_lowest(tiers: Sequence[Tier]) -> list[Tier]:
    lowest = min(tier.ceiling for tier in tiers if tier.ceiling is not None)
    return [tier for tier in tiers if tier.ceiling is None or tier.ceiling > lowest]


def _flexed(bought: Purchase, need: int, *, up: int) -> Commitment:
    """Give the surplus to those who take more."""
    taken = min(bought.surplus, up)
    return Commitment(replace(bought, surplus=bought.surplus - taken), need, taken)


def packs(quantity: int, tolerance: int, *, pack: int) -> int:
    """Return how many full packs to buy for a firm quantity that may grow by up to `tolerance`.

    A started pack is bought when the tolerance fills it (the box-fill rule of food co-ops).
    """
    full, rest = divmod(quantity, pack)
    return full + (1 if rest and rest + tolerance >= pack else 0)
