"""The walk through the aisles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stop:
    """A task somewhere in an aisle; `code` tells apart places of the same bay.

    `sequence` is the place's own number on the walk, zero where nobody gave it one.
    """

    key: int
    aisle: int
    bay: int
    code: str = ""
    sequence: int = 0
    level: int = 0


def walk(stops: Iterable[Stop]) -> list[int]:
    """Order stops as the house wants them walked: by their given sequence, and by S-shape where there is none.

    Promise: every stop once; given sequences ascend and come before the rest.
    """
    numbered: list[Stop] = []
    others: list[Stop] = []
    for stop in stops:
        (numbered if stop.sequence else others).append(stop)
    numbered.sort(key=lambda stop: (stop.sequence, stop.level, stop.code, stop.key))
    return [*(stop.key for stop in numbered), *s_shape(others)]


def s_shape(stops: Iterable[Stop]) -> list[int]:
    """Order stops so that each visited aisle is walked through once, every other one back to front.

    The S-shape (traversal) heuristic: Hall (1993), "Distance approximations for routing manual pickers in a
    warehouse", IIE Transactions 25(4). Promise: every stop once; aisles ascending; bays of an aisle monotonic.
    """
    aisles: dict[int, list[Stop]] = {}
    for stop in stops:
        aisles.setdefault(stop.aisle, []).append(stop)
    path: list[int] = []
    for turn, aisle in enumerate(sorted(aisles)):
        ahead = sorted(aisles[aisle], key=lambda stop: (stop.bay, stop.level, stop.code, stop.key))
        path += [stop.key for stop in (ahead if turn % 2 == 0 else reversed(ahead))]
    return path
