"""How large and how heavy a package is: as measured, else as the packaging master says, else as its box is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

MOST_MM: Final = 20_000  # a container is thirteen metres long


class Size(NamedTuple):
    """Three sides in mm."""

    length_mm: int
    width_mm: int
    height_mm: int

    @property
    def volume_cm3(self) -> int:
        """The room it takes, rounded up to whole cm³."""
        return -(-self.length_mm * self.width_mm * self.height_mm // 1000)


class Pack(NamedTuple):
    """A level of the packaging master: what a full one measures and weighs, None where nobody said."""

    size: Size | None
    gross_weight_g: int | None


class Measures(NamedTuple):
    """What dispatch is told; `size` is None where nothing tells it."""

    size: Size | None
    weight_g: int
    volume_cm3: int


def fault(size: Size) -> str:
    """Say what is wrong with measured sides; empty when they can be."""
    if min(size) < 1:
        return "a side is at least 1 mm; measure all three"
    return f"a side is at most {MOST_MM} mm" if max(size) > MOST_MM else ""


def of_package(
    *,
    measured: Size | None,
    weighed_g: int | None,
    contents: Sequence[tuple[int, int]],
    packs: Mapping[tuple[int, int], Pack],
    goods_g: int,
    goods_cm3: int,
    box: Size | None,
) -> Measures:
    """Return the measures of a package that holds `contents` (product, base units).

    One that holds a full pack of one product, as `packs` has it by product and units, is that pack. Promise: what was
    measured or weighed is told as it is; a size that is told comes with its own volume; no weight is below that of the
    goods unless the scales say so.
    """
    whole = packs.get(contents[0]) if len(contents) == 1 else None
    size = measured or (whole.size if whole else None) or box
    weight = goods_g if weighed_g is None else weighed_g
    if weighed_g is None and whole and whole.gross_weight_g:
        weight = max(goods_g, whole.gross_weight_g)
    return Measures(size, weight, size.volume_cm3 if size else goods_cm3)
