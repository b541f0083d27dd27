"""Routing instances made up after Uchoa et al. (New benchmark instances for the CVRP, EJOR 2017), and with windows."""

from __future__ import annotations

import math
from random import Random

SQUARE = 1_000
Point = tuple[int, int]


def capacitated(size: int, *, seed: int, per_route: int = 10) -> str:
    """Return a CVRP as a VRPLIB file: half the customers at random, half in clusters, demands from 1 to 100."""
    random = Random(seed)
    depot, customers = (SQUARE // 2, SQUARE // 2), _customers(size, random)
    demands = [random.randint(1, 100) for _ in customers]
    return "\n".join(
        [
            *_head(f"X-like-n{size + 1}", "CVRP", size, sum(demands) * per_route // size),
            *_sections([depot, *customers], [0, *demands]),
            *_tail(),
        ]
    )


def windowed(size: int, *, seed: int, width: int = 120, horizon: int = 1_000) -> str:
    """Return a VRPTW as a VRPLIB file: customers at random, service of 10, windows of `width` (after Solomon's R)."""
    random = Random(seed)
    depot = (100, 100)
    customers = [(random.randint(0, 200), random.randint(0, 200)) for _ in range(size)]
    demands = [random.randint(1, 50) for _ in customers]
    windows = [(0, horizon)]
    for place in customers:
        far = math.dist(place, depot)
        middle = random.uniform(far, horizon - far - 10)
        last = int(horizon - far) - 11
        windows.append(
            (
                max(0, min(int(middle) - width // 2, last)),
                max(int(far) + 1, min(int(middle) + width // 2, last)),
            )
        )
    return "\n".join(
        [
            *_head(f"R-like-n{size + 1}", "VRPTW", size, 800),
            *_sections([depot, *customers], [0, *demands]),
            "TIME_WINDOW_SECTION",
            *(f"{node} {opens} {closes}" for node, (opens, closes) in enumerate(windows, start=1)),
            "SERVICE_TIME_SECTION",
            *(f"{node} {0 if node == 1 else 10}" for node in range(1, size + 2)),
            *_tail(),
        ]
    )


def _customers(size: int, random: Random) -> list[Point]:
    """Draw half of the places evenly and half near seeds, with a chance that falls off by distance (exp(-d/40))."""
    seeds = [(random.randint(0, SQUARE), random.randint(0, SQUARE)) for _ in range(5)]
    places: dict[Point, None] = {}
    while len(places) < size // 2:
        places[random.randint(0, SQUARE), random.randint(0, SQUARE)] = None
    while len(places) < size:
        place = random.randint(0, SQUARE), random.randint(0, SQUARE)
        if random.random() < sum(math.exp(-math.dist(place, seed) / 40) for seed in seeds):
            places[place] = None
    drawn = list(places)
    random.shuffle(drawn)
    return drawn


def _head(name: str, kind: str, size: int, capacity: int) -> list[str]:
    return [
        f"NAME : {name}",
        f"TYPE : {kind}",
        f"DIMENSION : {size + 1}",
        "EDGE_WEIGHT_TYPE : EUC_2D",
        f"CAPACITY : {capacity}",
    ]


def _sections(places: list[Point], demands: list[int]) -> list[str]:
    return [
        "NODE_COORD_SECTION",
        *(f"{node} {x} {y}" for node, (x, y) in enumerate(places, start=1)),
        "DEMAND_SECTION",
        *(f"{node} {demand}" for node, demand in enumerate(demands, start=1)),
    ]


def _tail() -> list[str]:
    return ["DEPOT_SECTION", "1", "-1", "EOF", ""]
