"""From which warehouses an order is served at least landed cost: goods, legs, and what a split costs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final, NamedTuple

# Up to so many warehouses every choice of them is looked at: the answer is the cheapest there is.
EXACT_WAREHOUSES: Final = 8


class Offer(NamedTuple):
    """Base units of a product that a warehouse could promise, and what one costs to bring from there (minor units)."""

    warehouse: int
    product: int
    quantity: int
    unit_cost: int


class Part(NamedTuple):
    """Base units of a product to be promised from a warehouse."""

    product: int
    warehouse: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What comes from where; `cost` and the least any plan could cost (`bound`), minor units; `reasons` by product."""

    parts: tuple[Part, ...]
    cost: int
    bound: int
    is_exact: bool
    reasons: Mapping[int, str]


class _Order:
    """The question, with offers by product, the cheapest first."""

    def __init__(
        self, wants: Mapping[int, int], offers: Iterable[Offer], opening: Mapping[int, int], split: int
    ) -> None:
        self.opening, self.split = opening, split
        self.offers: dict[int, list[Offer]] = {product: [] for product in wants}
        for offer in offers:
            if offer.quantity > 0 and wants.get(offer.product, 0) > 0 and offer.warehouse in opening:
                self.offers[offer.product].append(offer)
        for found in self.offers.values():
            found.sort(key=lambda offer: (offer.unit_cost, offer.warehouse))
        # As much as there is comes before any cost.
        self.wants = {
            product: min(quantity, sum(offer.quantity for offer in self.offers[product]))
            for product, quantity in wants.items()
        }
        self.houses = sorted({offer.warehouse for found in self.offers.values() for offer in found})

    def line(self, product: int, open_: Collection[int]) -> tuple[int, list[Part]] | None:
        """Serve a product from open warehouses at least cost, a split counted; None when they have too little."""
        found = [offer for offer in self.offers[product] if offer.warehouse in open_]
        wanted = self.wants[product]
        if sum(offer.quantity for offer in found) < wanted:
            return None
        if wanted == 0:
            return 0, []
        greedy = _fill(found, wanted)
        best = _cost(greedy, found, self.split), greedy
        if len(greedy) == 1 or not self.split:
            return best
        limit = len(greedy) if len(found) <= EXACT_WAREHOUSES else 2
        for size in range(1, limit):  # fewer warehouses cost more a unit and less in splits
            for some in combinations(found, size):
                if sum(offer.quantity for offer in some) >= wanted:
                    parts = _fill(some, wanted)
                    cost = _cost(parts, found, self.split)
                    if cost < best[0]:
                        best = cost, parts
        return best

    def total(self, open_: Collection[int]) -> tuple[int, list[Part]] | None:
        """Serve everything from open warehouses; those that give nothing cost nothing."""
        cost, parts = 0, []
        for product in self.wants:
            found = self.line(product, open_)
            if found is None:
                return None
            cost += found[0]
            parts += found[1]
        used = {part.warehouse for part in parts}
        return cost + sum(self.opening[house] for house in used), parts


def plan(
    wants: Mapping[int, int], offers: Iterable[Offer], *, opening: Mapping[int, int], split_penalty: int = 0
) -> Plan:
    """Choose warehouses for what one place wants (product -> base units) and say why.

    `opening` is what it costs to send anything at all from a warehouse (handling, the leg), `split_penalty` what each
    further warehouse of one product costs. Promise: as much is served as there is; nobody gives more than it offers;
    up to EXACT_WAREHOUSES warehouses no other plan that serves as much costs less. With more, warehouses are closed one
    by one while that saves (the drop heuristic of Kuehn and Hamburger, Management Science 9, 1963), and the answer
    tells how far it can be from the cheapest: `cost - bound`.
    """
    order = _Order(wants, offers, opening, split_penalty)
    houses = order.houses
    free = sum(found[0] for product in order.wants if (found := order.line(product, houses)))
    bound = free + min((opening[house] for house in houses), default=0)
    best = order.total(houses)
    if best is None or not best[1]:
        return Plan((), 0, 0, True, dict.fromkeys(wants, "no warehouse has any"))
    exact = len(houses) <= EXACT_WAREHOUSES
    if exact:
        for size in range(1, len(houses)):
            for open_ in combinations(houses, size):
                found = order.total(open_)
                if found is not None and found[0] < best[0]:
                    best = found
    else:
        best = _drop(order, best)
    cost, parts = best
    return Plan(tuple(parts), cost, cost if exact else min(bound, cost), exact, _reasons(order, wants, parts))


def _drop(order: _Order, best: tuple[int, list[Part]]) -> tuple[int, list[Part]]:
    open_ = {part.warehouse for part in best[1]}
    while len(open_) > 1:
        fewer = [found for house in sorted(open_) if (found := order.total(open_ - {house})) is not None]
        cheapest = min(fewer, key=lambda found: found[0], default=None)
        if cheapest is None or cheapest[0] >= best[0]:
            return best
        best = cheapest
        open_ = {part.warehouse for part in best[1]}
    return best


def _fill(offers: Iterable[Offer], wanted: int) -> list[Part]:
    parts = []
    for offer in offers:
        if wanted <= 0:
            break
        part = min(wanted, offer.quantity)
        parts.append(Part(offer.product, offer.warehouse, part))
        wanted -= part
    return parts


def _cost(parts: Collection[Part], offers: Iterable[Offer], split: int) -> int:
    unit = {offer.warehouse: offer.unit_cost for offer in offers}
    return sum(part.quantity * unit[part.warehouse] for part in parts) + split * (len(parts) - 1)


def _reasons(order: _Order, wants: Mapping[int, int], parts: Iterable[Part]) -> dict[int, str]:
    by_product: dict[int, list[Part]] = {}
    for part in parts:
        by_product.setdefault(part.product, []).append(part)
    reasons = {}
    for product, wanted in wants.items():
        given = by_product.get(product, [])
        found = order.offers.get(product, [])
        if not given:
            reasons[product] = "no warehouse has any"
            continue
        if len(given) > 1:
            whole = any(offer.quantity >= order.wants[product] for offer in found)
            reason = "split: cheaper than all from one" if whole else "split: no warehouse has it all"
        elif any(one.unit_cost == found[0].unit_cost for one in found if one.warehouse == given[0].warehouse):
            reason = "the cheapest warehouse that has it"
        elif found[0].quantity < order.wants[product]:
            reason = "one warehouse has it all: a split would cost more"
        else:
            reason = "comes with the rest of the order: a further leg would cost more"
        served = sum(part.quantity for part in given)
        reasons[product] = reason if served >= wanted else f"{reason}; {wanted - served} are nowhere"
    return reasons
