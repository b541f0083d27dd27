"""Made-up weekly demand whose law is known: seasons of categories, trends, drifting levels, seldom and lumpy sales."""

from __future__ import annotations

from typing import Any

import numpy as np

YEAR = 52


def made_up(products: int, weeks: int, *, seed: int, categories: int = 20) -> tuple[Any, Any]:
    """Return (products x weeks) demand in whole units and the category of each product."""
    draw = np.random.default_rng(seed)
    category = draw.integers(0, categories, products)
    week = np.arange(weeks)[None, :]
    season = 1 + 0.4 * np.sin(2 * np.pi * (week / YEAR + category[:, None] / categories))
    trend = 1 + draw.normal(0, 0.3, products)[:, None] * week / weeks
    drift = np.exp(np.cumsum(draw.normal(0, 0.02, (products, weeks)), axis=1))
    mean = np.maximum(np.exp(draw.normal(2, 1.2, products))[:, None] * season * trend, 0.01) * drift
    sizes = draw.poisson(mean * draw.gamma(4, 0.25, (products, weeks))).astype(np.float64)
    # Two products in five are asked for in some weeks only.
    chance = np.where(draw.random(products) < 0.4, draw.uniform(0.05, 0.5, products), 1.0)
    return sizes * (draw.random((products, weeks)) < chance[:, None]), category
