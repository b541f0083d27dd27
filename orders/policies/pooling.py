"""How much to buy for many small needs, and who joins: minimum, multiple and price break are chosen on the sum."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from b2b.core.quantity import round_up_to_multiple
from orders.policies.pricing import Break, choose


@dataclass(frozen=True, slots=True)
class Purchase:
    """What to buy: base units, of which `surplus` nobody asked for, at a price before tax."""

    quantity: int
    surplus: int
    unit_price: Decimal


def admits(quantity: int, *, minimum: int, multiple: int) -> bool:
    """Tell whether a quantity keeps to a minimum and a multiple: 48 by 24 admits 48, 72, 96, not 50."""
    return quantity >= minimum and quantity % multiple == 0


def smallest(quantity: int, *, minimum: int, multiple: int) -> int:
    """Return the least admitted quantity that is at least `quantity`; nothing is wanted of nothing."""
    return round_up_to_multiple(max(quantity, minimum), multiple) if quantity else 0


def plan(need: int, *, minimum: int, multiple: int, breaks: Sequence[Break]) -> Purchase | None:
    """Return the purchase that covers `need` at the lowest total cost, surplus included.

    Promise: quantity is admitted, at least `need`, and no admitted quantity costs less in total; of equal costs the
    smaller quantity wins. None when nothing is needed or no break has a price for any admitted quantity.
    `breaks` ascend by quantity.

    :raises ValueError: when `need` is negative or `multiple` not positive.
    """
    if need < 0:
        raise ValueError("a need is not negative")
    if need == 0:
        return None
    least = smallest(need, minimum=minimum, multiple=multiple)
    # Within one price the smallest quantity is cheapest, so only the least of each price can win.
    candidates = {least} | {
        round_up_to_multiple(step.min_quantity, multiple) for step in breaks if step.min_quantity > least
    }
    priced = [
        Purchase(quantity, quantity - need, held.unit_price)
        for quantity in candidates
        if (held := choose(breaks, quantity)) is not None
    ]
    return min(priced, key=lambda buy: (buy.quantity * buy.unit_price, buy.quantity), default=None)


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
    tiers: Collection[Tier], *, minimum: int, multiple: int, breaks: Sequence[Break]
) -> Commitment | None:
    """Return what a pool buys when every need joins only at a price within its ceiling; None when nobody joins.

    Promise: everyone who joins accepts the price, and whoever is left out would not accept the price that the pool
    has even with all of them; the result depends on the set of needs, never on their order. Where a price table does
    not rise with quantity it is the greatest such set, and more demand never raises the price of those who are in.
    Method: the greatest fixed point, by leaving out from the top (Kleene iteration over the lattice of ceilings).
    What is bought beyond the need is offered first to those who take more, then avoided by those who take less.
    """
    joined = list(tiers)
    while joined:
        need = sum(tier.quantity for tier in joined)
        bought = plan(need, minimum=minimum, multiple=multiple, breaks=breaks)
        if bought is None:
            return None
        accepting = [tier for tier in joined if tier.accepts(bought.unit_price)]
        if len(accepting) == len(joined):
            return _flexed(
                bought,
                need,
                up=sum(tier.flex_up for tier in joined),
                down=sum(tier.flex_down for tier in joined),
                rules=(minimum, multiple, breaks),
            )
        joined = accepting
    return None


def _flexed(
    bought: Purchase, need: int, *, up: int, down: int, rules: tuple[int, int, Sequence[Break]]
) -> Commitment:
    """Give the surplus to those who take more; what they leave is avoided if the rest may shrink at the same price."""
    taken = min(bought.surplus, up)
    left = bought.surplus - taken
    minimum, multiple, breaks = rules
    fewer = need // multiple * multiple
    if left and 0 < need - fewer <= down and fewer and admits(fewer, minimum=minimum, multiple=multiple):
        held = choose(breaks, fewer)
        if held is not None and held.unit_price <= bought.unit_price:
            return Commitment(Purchase(fewer, 0, held.unit_price), need, fewer - need)
    return Commitment(Purchase(bought.quantity, left, bought.unit_price), need, taken)


def packs(quantity: int, tolerance: int, *, pack: int) -> int:
    """Return how many full packs to buy for a firm quantity that may grow by up to `tolerance`.

    A started pack is bought when the tolerance fills it (the box-fill rule of food co-ops).
    """
    full, rest = divmod(quantity, pack)
    return full + (1 if rest and rest + tolerance >= pack else 0)
