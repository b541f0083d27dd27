"""Play a market by one rule and measure service, stock and the variance of what the factory is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from orders.policies.production_plan import variance
from orders.policies.rehearsal.market import WEEK, Factory, Market, Shelf, Units
from orders.policies.rehearsal.rules import Rule, cover

Measures = NDArray[np.float64]
# A market is played so long before anything is measured.
WARM_UP_DAYS: Final = 28


@dataclass(frozen=True)
class Outcome:
    """What a rule came to on the days that count.

    `service` is the part of demand that was given on its day, `stock_days` the mean stock of everybody together in days
    of demand. `bullwhip` is the variance of a week's orders over that of its demand, summed over products. The weekly
    sums are over all products.
    """

    service: float
    stock: float
    stock_days: float
    bullwhip: float
    weekly_demand: tuple[int, ...]
    weekly_orders: tuple[int, ...]


def direct(market: Market, rule: Rule) -> Outcome:
    """Let every place order from the factories by itself."""
    return _play(market, rule, None)


def pooled(market: Market, rule: Rule, *, chance: float = 0.98) -> Outcome:
    """Let places order each day what they sold from the platform's stock, which alone orders from the factories.

    Their shelves cover the way from the warehouse with that chance.
    """
    return _play(market, rule, chance)


def alone(market: Market, rule: Rule) -> Outcome:
    """Sell from the platform's stock itself: the back-test of a buffer on what was really asked for."""
    together = Market(
        market.demand.sum(axis=1, keepdims=True), market.lead_days, market.minimum, market.multiple,
        market.daily_capacity, market.transit_days, market.known_days,
    )  # fmt: skip
    return _play(together, rule, None)


@dataclass
class _Shop:
    """The shelves of the places when the platform stands between them and the factories."""

    shelf: Shelf
    cover_days: Units
    chance: float
    moving: list[Units]


def _play(market: Market, rule: Rule, chance: float | None) -> Outcome:
    days, places, products = market.demand.shape
    known = market.demand[: market.known_days]
    stands_between = chance is not None
    pooled_known = known.sum(axis=1, keepdims=True) if stands_between else known
    stock = Shelf.of(rule.start(market, pooled_known))
    factory = Factory(market, 1 if stands_between else places)
    shop = _shop(market, known, chance) if chance is not None else None
    served, kept = np.zeros(days), np.zeros(days)
    orders = np.zeros((days, products), dtype=np.int64)
    for day in range(market.known_days, days):
        stock.receive(factory.deliver(day))
        wanted = market.demand[day]
        if shop is None:
            served[day] = stock.sell(wanted).sum()
        else:
            served[day] = _serve(shop, stock, market.demand[: day + 1])
        history = market.demand[: day + 1]
        seen = history.sum(axis=1, keepdims=True) if stands_between else history
        asked = rule.order(market, day, seen, stock.position)
        factory.order(day, asked)
        stock.on_order += asked
        orders[day] = asked.sum(axis=0)
        kept[day] = stock.on_hand.sum() + (shop.shelf.on_hand.sum() if shop else 0)
    return _measured(market, served, kept, orders)


def _shop(market: Market, known: Units, chance: float) -> _Shop:
    days = np.full(market.demand.shape[2], market.transit_days + 1)
    level = cover(known, days, chance)
    return _Shop(Shelf.of(level), days, chance, [np.zeros_like(level) for _ in range(market.transit_days)])


def _serve(shop: _Shop, stock: Shelf, sold: Units) -> float:
    """Let the places sell, order what they sold, and send them what the platform has of it, in turn."""
    if shop.moving:
        shop.shelf.receive(shop.moving.pop(0))
    given = shop.shelf.sell(sold[-1])
    asked = np.maximum(cover(sold, shop.cover_days, shop.chance) - shop.shelf.position, 0)
    shop.shelf.on_order += asked
    # What places still lack is owed to them together; who asked first is served first as far as sums go.
    waiting = shop.shelf.on_order - sum(shop.moving)
    before = np.cumsum(waiting, axis=0) - waiting
    sent = np.clip(stock.on_hand[0][None, :] - before, 0, waiting)
    stock.on_hand[0] -= sent.sum(axis=0)
    stock.owed[0] = waiting.sum(axis=0) - sent.sum(axis=0)
    shop.moving.append(np.asarray(sent, dtype=np.int64))
    return float(given.sum())


def _measured(market: Market, served: Measures, kept: Measures, orders: Units) -> Outcome:
    first = market.known_days + WARM_UP_DAYS
    last = first + (len(market.demand) - first) // WEEK * WEEK
    demand = market.demand[first:last].sum(axis=1)
    asked = orders[first:last]
    weekly, weekly_orders = (_weeks(one) for one in (demand, asked))
    varied = sum(variance(weekly[:, at].tolist()) for at in range(weekly.shape[1]))
    ordered = sum(variance(weekly_orders[:, at].tolist()) for at in range(weekly.shape[1]))
    stock = float(kept[first:last].mean())
    return Outcome(
        service=float(served[first:last].sum() / max(1, demand.sum())),
        stock=stock,
        stock_days=stock / max(1.0, float(demand.sum(axis=1).mean())),
        bullwhip=ordered / varied if varied else 0.0,
        weekly_demand=tuple(int(one) for one in weekly.sum(axis=1)),
        weekly_orders=tuple(int(one) for one in weekly_orders.sum(axis=1)),
    )


def _weeks(daily: Units) -> Units:
    return np.asarray(daily.reshape(-1, WEEK, daily.shape[1]).sum(axis=1), dtype=np.int64)
