"""Whether a weighed unit can hold what the books say."""

from __future__ import annotations

from typing import Final

# What the empty unit may weigh at most, g: carton, tote, cage, pallet with its wrapping.
TARE_G: Final = {"CARTON": 2_000, "TOTE": 4_000, "CAGE": 60_000, "PALLET": 40_000}
MOST_TARE_G: Final = 60_000
TOLERANCE_PERCENT: Final = 5
TOLERANCE_G: Final = 100


def bounds(goods_g: int, kind: str) -> tuple[int, int]:
    """Return the least and the most a unit with so much of goods may weigh, g.

    Promise: the goods' own weight is within, and so are they with the heaviest tare; neither bound is negative.
    """
    slack = max(TOLERANCE_G, -(-goods_g * TOLERANCE_PERCENT // 100))
    return max(goods_g - slack, 0), goods_g + slack + TARE_G.get(kind, MOST_TARE_G)
