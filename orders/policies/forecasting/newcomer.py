"""Products with hardly any history: what the others of their category sold when they were new."""

from __future__ import annotations

from typing import Final

import numpy as np

from orders.policies.forecasting.panel import Floats, Whole, mean_of_known, starts

# The category counts as much as so many buckets of a product's own.
WEIGHT: Final = 4.0


def expected(values: Floats, rows: Whole, categories: Whole | None, least: int) -> tuple[Floats, Floats]:
    """Return what each of `rows` will sell in a bucket, and how far off that may be.

    The category's word is the median of what its products sold in their first `least` buckets, of all its products
    where none is seen to have been new; without a category, of all products.
    """
    begin = starts(values)
    known = (~np.isnan(values)).sum(axis=1)
    groups = np.zeros(len(values), dtype=np.int64) if categories is None else np.asarray(categories)
    old = known >= least
    columns = np.minimum(begin[:, None] + np.arange(least)[None, :], max(values.shape[1] - 1, 0))
    first = mean_of_known(values[np.arange(len(values))[:, None], columns])
    level = np.where(begin > 0, first, mean_of_known(values))
    own = mean_of_known(values[rows])
    word, spread = own.copy(), own.copy()
    for group in np.unique(groups[rows]):
        mine = groups[rows] == group
        peers = np.flatnonzero(old & (groups == group))
        if not len(peers):
            peers = np.flatnonzero(old)
        born = peers[begin[peers] > 0]
        peers = born if len(born) else peers
        if len(peers):
            word[mine] = np.median(level[peers])
            spread[mine] = np.sqrt(((level[peers] - np.median(level[peers])) ** 2).mean())
    weight = known[rows] / (known[rows] + WEIGHT)
    mean = weight * own + (1 - weight) * word
    return mean, np.maximum((1 - weight) * spread, 0.5 * mean)
