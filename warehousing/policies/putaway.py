"""Where received goods are put: by rule, beside their own lot, within capacity and temperature class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goods:
    """Base units of one product and lot that want a place; volume and weight are those of one unit."""

    key: int
    product_id: int
    quantity: int
    lot_id: int | None = None
    category: str = ""
    temperature: str = "AMBIENT"
    volume_cm3: int = 0
    weight_g: int = 0


@dataclass(slots=True)
class Place:
    """A storage place, what more it can take (None: no limit) and what it holds: (product, lot) pairs.

    `walk` orders the places; lower ones are filled first.
    """

    key: int
    walk: tuple[int, ...] = ()
    zone: str = ""
    temperature: str = "AMBIENT"
    units_left: int | None = None
    volume_left: int | None = None
    weight_left: int | None = None
    holds: frozenset[tuple[int, int | None]] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """Goods of a product or category go to a place or a zone; both empty means any.

    With `only_own_lot` a place of the zone takes them only when it is empty or holds nothing but the same lot.
    """

    priority: int
    product_id: int | None = None
    category: str = ""
    place: int | None = None
    zone: str = ""
    only_own_lot: bool = False

    def is_for(self, goods: Goods) -> bool:
        """Tell whether the goods are of the rule's product or category."""
        return self.product_id in (None, goods.product_id) and self.category in ("", goods.category)


@dataclass(frozen=True, slots=True)
class Put:
    """Put so many units there; `place` None means that no place has room for them."""

    goods: int
    place: int | None
    quantity: int


def room(place: Place, goods: Goods) -> int | None:
    """Return how many units of the goods a place has room for; None without any limit.

    A place that has reached one of its limits is full, also for goods that weigh or fill nothing.
    """
    if 0 in (place.units_left, place.volume_left, place.weight_left):
        return 0
    limits: list[int] = []
    if place.units_left is not None:
        limits.append(place.units_left)
    if place.volume_left is not None and goods.volume_cm3:
        limits.append(place.volume_left // goods.volume_cm3)
    if place.weight_left is not None and goods.weight_g:
        limits.append(place.weight_left // goods.weight_g)
    return max(0, min(limits)) if limits else None


def misfit(place: Place, goods: Goods, quantity: int) -> str:
    """Say why a quantity cannot go to a place, or nothing when it can."""
    if place.temperature != goods.temperature:
        return f"the place is {place.temperature.lower()}, the goods are {goods.temperature.lower()}"
    fits = room(place, goods)
    if fits is not None and fits < quantity:
        return f"the place has room for {fits} of {quantity}"
    return ""


def fill(place: Place, goods: Goods, quantity: int) -> None:
    """Take so many units off what more a place can take."""
    place.units_left = _less(place.units_left, quantity)
    place.volume_left = _less(place.volume_left, quantity * goods.volume_cm3)
    place.weight_left = _less(place.weight_left, quantity * goods.weight_g)


def choose(goods: Iterable[Goods], places: Sequence[Place], rules: Sequence[Rule]) -> list[Put]:
    """Give every unit a place: what a rule names first (product before category, then priority), then anywhere.

    Within a zone goods go to their own lot, then to their own product, then to an empty place, then to any other, each
    in the order of the walk.

    Promise: every unit is put once; no place gets more than it has room for or goods of another temperature class;
    units are left without a place only when no place of their temperature class has room for one of them.
    """
    house = _House(places)
    puts: list[Put] = []
    for item in goods:
        left = item.quantity
        for key in house.candidates(item, rules):
            taken = house.put(key, item, left)
            if taken:
                puts.append(Put(item.key, key, taken))
                left -= taken
            if not left:
                break
        if left:
            puts.append(Put(item.key, None, left))
    return puts


class _House:
    """The places while they fill up; full ones are forgotten, so that many goods are placed in little time."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = {place.key: place for place in sorted(places, key=lambda one: (one.walk, one.key))}
        self.holds = {key: set(place.holds) for key, place in self.places.items()}
        self.lots: dict[tuple[int, int | None], dict[int, None]] = defaultdict(dict)
        self.products: dict[int, dict[int, None]] = defaultdict(dict)
        self.open: dict[tuple[str, str], dict[int, None]] = defaultdict(dict)
        self.empty: dict[tuple[str, str], dict[int, None]] = defaultdict(dict)
        for key, place in self.places.items():
            for area in self._areas(place):
                self.open[area][key] = None
                if not place.holds:
                    self.empty[area][key] = None
            for product_id, lot_id in sorted(place.holds, key=str):
                self.lots[product_id, lot_id][key] = None
                self.products[product_id][key] = None

    @staticmethod
    def _areas(place: Place) -> set[tuple[str, str]]:
        return {("", place.temperature), (place.zone, place.temperature)}

    def candidates(self, goods: Goods, rules: Sequence[Rule]) -> Iterator[int]:
        """Yield places in the order they should be tried; a place may come twice."""
        own = sorted(
            (rule for rule in rules if rule.is_for(goods)),
            key=lambda rule: (rule.product_id is None, not rule.category, rule.priority),
        )
        for rule in own:
            if rule.place is not None:
                yield rule.place
            else:
                yield from self._zone(goods, rule.zone, only_own_lot=rule.only_own_lot)
        yield from self._zone(goods, "", only_own_lot=False)

    def _zone(self, goods: Goods, zone: str, *, only_own_lot: bool) -> Iterator[int]:
        area, lot = (zone, goods.temperature), (goods.product_id, goods.lot_id)
        beside = list(self.lots.get(lot, ()))
        if only_own_lot:
            yield from (key for key in beside if key in self.open[area] and self.holds[key] == {lot})
            yield from list(self.empty[area])
            return
        yield from (key for key in beside if key in self.open[area])
        yield from (key for key in list(self.products.get(goods.product_id, ())) if key in self.open[area])
        while self.empty[area]:
            first = next(iter(self.empty[area]))
            yield first
            if first in self.empty[area]:
                break  # too small for one unit of these
        yield from list(self.open[area])

    def put(self, key: int, goods: Goods, quantity: int) -> int:
        """Put as many of the units as fit and return how many."""
        place = self.places.get(key)
        if place is None or place.temperature != goods.temperature:
            return 0
        fits = room(place, goods)
        taken = quantity if fits is None else min(quantity, fits)
        if not taken:
            return 0
        fill(place, goods, taken)
        self.holds[key].add((goods.product_id, goods.lot_id))
        self.lots[goods.product_id, goods.lot_id][key] = None
        self.products[goods.product_id][key] = None
        for area in self._areas(place):
            self.empty[area].pop(key, None)
            if 0 in (place.units_left, place.volume_left, place.weight_left):
                self.open[area].pop(key, None)
        return taken


def _less(left: int | None, taken: int) -> int | None:
    return None if left is None else left - taken
