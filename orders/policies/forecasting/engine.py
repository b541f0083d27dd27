"""The way in: forecasts of many products, with what they may miss and why they are forecast so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from orders.policies.forecasting import accuracy, combination, interval, newcomer, seasonality
from orders.policies.forecasting import choice as choosing
from orders.policies.forecasting import intermittent as seldom
from orders.policies.forecasting.choice import Fitted, Kind, Method
from orders.policies.forecasting.panel import TINY, Floats, Whole, mean_of_known, phases

BLOCK: Final = 256
LEAST: Final = 8
CHANCES: Final = (0.05, 0.1, 0.5, 0.9, 0.95)


@dataclass(frozen=True)
class Forecast:
    """What is expected of each row; all but `method` and `kind` in the units of the panel."""

    mean: Floats  # rows x horizon
    p10: Floats
    p50: Floats
    p90: Floats
    lead_mean: Floats  # of the sum over the row's lead time
    lead_low: Floats  # 5 % of all sums are below
    lead_high: Floats  # 5 % of all sums are above
    method: Whole
    kind: Whole
    error: Floats  # mean absolute error over the lead time, at earlier buckets
    naive_error: Floats  # the same of "as much as in the last bucket"
    value_added: Floats
    bias: Floats
    tracking_signal: Floats


@dataclass
class _Found:
    """What the blocks find, before their errors are pooled."""

    mean: Floats
    growth: Floats
    scale: Floats
    lead_mean: Floats
    lead_scale: Floats
    units: NDArray[np.float32]
    lead_units: NDArray[np.float32]
    method: Whole
    kind: Whole
    fitted: Floats  # how many parameters were fitted to a row
    watched: Floats  # rows x (error, naive error, bias, tracking signal)


def forecast(
    values: Floats, *, period: int, horizon: int, lead: Whole | int, categories: Whole | None = None
) -> Forecast:
    """Forecast every row of a panel `horizon` buckets ahead, and the sum over its `lead` (buckets, 1 to horizon).

    `period` is how many buckets make a season (52, 12, 4; 1 for none). Rows of a category lend each other its season
    and what a new product sells. NaN is demand that nobody saw, 0 that there was none. Takes a few dozen arrays of 256
    rows at a time, whatever the number of rows.
    """
    values = np.asarray(values, dtype=np.float64)
    leads = np.clip(np.broadcast_to(np.asarray(lead, dtype=np.int64), len(values)), 1, horizon)
    factors = seasonality.own(values, period)
    have = (factors != 1).any(axis=1)
    factors = factors * seasonality.of_category(values, categories, period, have)
    found = _empty(len(values), values.shape[1], horizon)
    found.fitted[have] += period - 1
    found.kind = choosing.classify(values, LEAST)
    # Rows of one kind and one lead time are worked on together.
    order = np.lexsort((leads, found.kind))
    edges = np.flatnonzero(np.diff(leads[order]) | np.diff(found.kind[order])) + 1
    for group in np.split(order, edges):
        for begin in range(0, len(group), BLOCK):
            rows = group[begin : begin + BLOCK]
            _block(found, rows, values[rows], factors[rows], horizon, int(leads[rows[0]]))
    _take_newcomers(found, values, factors, leads, categories)
    return _told(found)


def _empty(rows: int, width: int, horizon: int) -> _Found:
    late = width - width // 2
    return _Found(
        mean=np.zeros((rows, horizon)), growth=np.ones((rows, horizon)), scale=np.zeros(rows),
        lead_mean=np.zeros(rows), lead_scale=np.zeros(rows), units=np.full((rows, late), np.nan, np.float32),
        lead_units=np.full((rows, late), np.nan, np.float32), method=np.zeros(rows, dtype=np.int64),
        kind=np.zeros(rows, dtype=np.int64), fitted=np.full(rows, interval.FITTED), watched=np.zeros((rows, 4)),
    )  # fmt: skip


def _candidates(plain: Floats, kind: int) -> dict[Method, Fitted]:
    if kind in (Kind.SMOOTH, Kind.ERRATIC):
        both = combination.fit(plain)
        return {Method.COMBINATION: both, Method.SIMPLE: seldom.Flat(both.smoothed.levels[0])}
    return {
        Method.IMAPA: seldom.aggregated(plain),
        Method.SBA: seldom.croston(plain),
        Method.TSB: seldom.fading(plain),
    }


def _block(found: _Found, rows: Whole, values: Floats, factors: Floats, horizon: int, lead: int) -> None:
    """Forecast rows of one kind and lead time: fit the candidates, choose, and measure what the chosen one missed."""
    width, kind = values.shape[1], int(found.kind[rows[0]])
    if kind == Kind.NEW:
        return
    scale = np.maximum(mean_of_known(values), TINY)[:, None]
    phase = phases(width, factors.shape[1])
    plain = values / scale / factors[:, phase]
    candidates = _candidates(plain, kind)
    default = np.full(len(rows), next(iter(candidates)), dtype=np.int64)
    if Method.TSB in candidates:
        default[choosing.has_faded(values)] = Method.TSB
    actual = choosing.windows(values / scale, lead)
    errors = np.full((len(Method), len(rows), width), np.nan)
    for method, fitted in candidates.items():
        errors[method] = choosing.cumulated(fitted, factors, lead, width) - actual
    _forget_warm_up(errors, values)
    known = (~np.isnan(errors)).sum(axis=2)
    missed = np.where(known > 0, np.nansum(np.abs(errors), axis=2) / np.maximum(known, 1), np.nan)
    chosen = choosing.choose(missed, default)
    alpha = candidates[Method.COMBINATION].smoothed.alpha[:, 0] if kind < Kind.INTERMITTENT else None  # type: ignore[attr-defined]
    alpha = np.full(len(rows), seldom.SMOOTHING) if alpha is None else np.minimum(alpha, 0.5)
    for method, fitted in candidates.items():
        mine = np.flatnonzero(chosen == method)
        if len(mine):
            steps = np.stack([fitted.ahead(step)[mine, -1] for step in range(1, horizon + 1)], axis=1)
            season = factors[mine][:, np.arange(horizon) % factors.shape[1]]
            found.mean[rows[mine]] = np.maximum(steps, 0.0) * season * scale[mine]
            first = choosing.cumulated(fitted, factors, 1, width) - choosing.windows(values / scale, 1)
            _forget_warm_up(first[None], values)
            wider = interval.unseen(values[mine], found.fitted[rows[mine]])
            _measure(
                found,
                rows[mine],
                first[mine],
                errors[method, mine],
                alpha[mine],
                (scale[mine, 0], wider),
                lead,
            )
    found.method[rows] = chosen
    found.lead_mean[rows] = found.mean[rows, :lead].sum(axis=1)
    found.growth[rows] = np.sqrt(1 + np.arange(horizon)[None, :] * alpha[:, None] ** 2)
    _watch(found, rows, errors[chosen, np.arange(len(rows))], actual, values / scale, scale[:, 0], lead)


def _forget_warm_up(errors: Floats, values: Floats) -> None:
    """Drop the first third of what was known: a method had learnt little then."""
    known = np.cumsum(~np.isnan(values), axis=1)
    errors[:, known <= np.maximum(known[:, -1:] // 3, 1)] = np.nan


def _measure(
    found: _Found,
    rows: Whole,
    first: Floats,
    errors: Floats,
    alpha: Floats,
    by: tuple[Floats, Floats],
    lead: int,
) -> None:
    """Note the scale of the errors of one bucket and of the lead time, and the later errors in units of it.

    `by` is the scale of the rows, and how much wider errors are than those of what a method was fitted to.
    """
    scale, wider = by
    known = ~np.isnan(first)
    power = np.maximum(
        (np.where(known, first, 0.0) ** 2).sum(axis=1) / np.maximum(known.sum(axis=1), 1), TINY
    )
    prior = power * interval.growth(alpha, lead)
    found.scale[rows] = np.sqrt(power) * wider * scale
    found.lead_scale[rows] = interval.scales(errors, prior, lead) * wider * scale
    # An error is forecast less actual; what is to be added to a forecast is the opposite.
    found.units[rows] = -interval.standardised(first, power, 1)
    found.lead_units[rows] = -interval.standardised(errors, prior, lead)


def _watch(
    found: _Found, rows: Whole, errors: Floats, actual: Floats, values: Floats, scale: Floats, lead: int
) -> None:
    """Note what the chosen method missed over the lead time, and what the naive one would have."""
    known = ~np.isnan(errors)
    naive = np.where(known, np.abs(lead * values - actual), np.nan)
    error = mean_of_known(np.abs(errors)) * scale
    found.watched[rows] = np.stack(
        [
            error,
            mean_of_known(naive) * scale,
            accuracy.bias(errors, actual),
            accuracy.tracking_signal(errors),
        ],
        axis=1,
    )


def _take_newcomers(
    found: _Found, values: Floats, factors: Floats, leads: Whole, categories: Whole | None
) -> None:
    rows = np.flatnonzero(found.kind == Kind.NEW)
    if not len(rows):
        return
    level, scale = newcomer.expected(values, rows, categories, LEAST)
    horizon = found.mean.shape[1]
    found.mean[rows] = level[:, None] * factors[rows][:, np.arange(horizon) % factors.shape[1]]
    within = np.arange(horizon)[None, :] < leads[rows, None]
    found.lead_mean[rows] = np.where(within, found.mean[rows], 0.0).sum(axis=1)
    found.scale[rows], found.lead_scale[rows] = scale, scale * leads[rows]
    found.method[rows] = Method.CATEGORY


def _told(found: _Found) -> Forecast:
    """Return the forecasts with quantiles pooled over all rows of a kind."""
    each = interval.quantiles(found.units, found.kind, CHANCES[1:4], len(Kind))[found.kind]
    lead = interval.quantiles(found.lead_units, found.kind, (CHANCES[0], CHANCES[-1]), len(Kind))[found.kind]
    spread = found.scale[:, None] * found.growth
    p10, p50, p90 = (np.maximum(found.mean + each[:, at, None] * spread, 0.0) for at in range(3))
    error, naive = found.watched[:, 0], found.watched[:, 1]
    return Forecast(
        mean=found.mean, p10=p10, p50=np.maximum(p50, p10), p90=np.maximum(p90, p50),
        lead_mean=found.lead_mean,
        lead_low=np.maximum(found.lead_mean + lead[:, 0] * found.lead_scale, 0.0),
        lead_high=found.lead_mean + np.maximum(lead[:, 1], 0.0) * found.lead_scale,
        method=found.method, kind=found.kind, error=error, naive_error=naive,
        value_added=accuracy.value_added(error, naive), bias=found.watched[:, 2],
        tracking_signal=found.watched[:, 3],
    )  # fmt: skip
