"""How much goes into one package."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Goods:
    """A quantity of one thing to pack; weight and volume of one base unit, in g and cm³."""

    key: int
    quantity: int
    weight_g: int
    volume_cm3: int


@dataclass(slots=True)
class Load:
    """What goes into one package."""

    parts: list[tuple[int, int]] = field(default_factory=list)
    weight_g: int = 0
    volume_cm3: int = 0


def _room(load: Load, goods: Goods, weight_g: int, volume_cm3: int) -> int:
    """How many more units of `goods` fit into `load`."""
    if load.weight_g > weight_g or load.volume_cm3 > volume_cm3:
        return 0  # it holds one unit that is too much by itself
    fits = goods.quantity
    if goods.weight_g:
        fits = min(fits, (weight_g - load.weight_g) // goods.weight_g)
    if goods.volume_cm3:
        fits = min(fits, (volume_cm3 - load.volume_cm3) // goods.volume_cm3)
    return max(fits, 0)


def pack(items: Iterable[Goods], *, weight_g: int, volume_cm3: int) -> list[Load]:
    """Fill packages one after the other, in the order given, so that an order line stays together where it can.

    Next fit: linear in goods and packages. Promise: every unit is packed exactly once; a package is within both
    limits unless all it holds is a single unit that exceeds them; no package is empty.
    """
    loads: list[Load] = []
    for goods in items:
        left = goods.quantity
        while left > 0:
            load = loads[-1] if loads else None
            part = min(left, _room(load, goods, weight_g, volume_cm3)) if load else 0
            if load is None or part == 0:
                load = Load()
                loads.append(load)
                part = min(left, max(1, _room(load, goods, weight_g, volume_cm3)))
            load.parts.append((goods.key, part))
            load.weight_g += part * goods.weight_g
            load.volume_cm3 += part * goods.volume_cm3
            left -= part
    return loads
