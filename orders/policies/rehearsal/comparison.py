"""Several rules on one market side by side, and what is to be said of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Final

import numpy as np

from orders.policies import buffer
from orders.policies.rehearsal import play
from orders.policies.rehearsal.market import WEEK, Market
from orders.policies.rehearsal.play import Outcome
from orders.policies.rehearsal.rules import OrderByOrder, ReorderPoint, Signals

SIGNALS: Final = "signals"
YEAR_DAYS: Final = 364
KNOWN_DAYS: Final = 2 * YEAR_DAYS
SHELF_CHANCE: Final = 0.99
# Green small, so that what is asked for follows demand day by day; safety in red, as wide as the lead time needs.
PROFILE: Final = buffer.Profile(Decimal("0.05"), Decimal(10), order_cycle_days=1)
_WEEKDAYS: Final = (1.1, 1.0, 1.0, 1.0, 1.2, 1.0, 0.7)


def made_up(*, days: int, places: int, products: int, seed: int) -> Market:
    """Return a market of made-up demand, two years of it known: the same seed, the same market.

    Each place buys each product by a Poisson law of its own mean (half a unit to six a day) that follows a season, the
    weekday and a level that wanders. Factories take a week to four, sell from 60 on in dozens, and can make 1.6 times
    what was sold on a mean day.
    """
    chance = np.random.default_rng(seed)
    whole = KNOWN_DAYS + play.WARM_UP_DAYS + days
    base = chance.uniform(0.5, 6, (places, products))
    day = np.arange(whole)
    season = 1 + 0.25 * np.sin(
        2 * np.pi * (day[:, None] / YEAR_DAYS + chance.uniform(0, 1, products)[None, :])
    )
    level = np.exp(np.cumsum(chance.normal(0, 0.004, (whole, products)), axis=0))
    weekday = np.array(_WEEKDAYS)[day % WEEK]
    demand = chance.poisson(base[None] * (season * level * weekday[:, None])[:, None, :]).astype(np.int64)
    mean = demand[:KNOWN_DAYS].sum(axis=1).mean(axis=0)
    return Market(
        demand=demand,
        lead_days=chance.integers(7, 29, products),
        minimum=np.full(products, 60),
        multiple=np.full(products, 12),
        daily_capacity=np.ceil(mean * 1.6).astype(np.int64),
        transit_days=2,
        known_days=KNOWN_DAYS,
    )


def compare(market: Market) -> dict[str, Outcome]:
    """Play a market by signals, order by order, and by reorder points of every place."""
    products = market.demand.shape[2]
    rules: dict[str, Callable[[], Outcome]] = {
        SIGNALS: lambda: play.pooled(market, Signals([PROFILE] * products), chance=SHELF_CHANCE),
        "order by order": lambda: play.direct(market, OrderByOrder()),
        "reorder point": lambda: play.direct(market, ReorderPoint()),
    }
    return {name: run() for name, run in rules.items()}


def written(outcomes: Mapping[str, Outcome]) -> str:
    """Return outcomes as canonical JSON."""
    return json.dumps({name: asdict(one) for name, one in outcomes.items()}, sort_keys=True)


def read(text: str) -> dict[str, Outcome]:
    """Return outcomes from the JSON that `written` gave."""
    told: dict[str, dict[str, Any]] = json.loads(text)
    return {name: Outcome(**{**one, **_series(one)}) for name, one in told.items()}


def _series(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(one[name]) for name in ("weekly_demand", "weekly_orders")}


def better(one: Outcome, other: Outcome) -> dict[str, float]:
    """Return by how much one outcome is better than another: points of service, days of stock, parts of variance.

    Negative is worse.
    """
    return {
        "service": one.service - other.service,
        "stock_days": other.stock_days - one.stock_days,
        "bullwhip": 1 - one.bullwhip / other.bullwhip if other.bullwhip else 0.0,
    }
