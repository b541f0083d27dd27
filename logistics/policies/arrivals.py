"""When a vehicle under way comes to its next stops: many drives drawn from what legs and visits usually take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, exp, sqrt
from random import Random
from typing import Final

from logistics.policies.pace import LEAST, Paces, Spread, shared

DRAWS: Final = 400
HALF: Final = 0.5
FOUR_FIFTHS: Final = 0.8

HourOf = Callable[[float], int]  # the hour of the day at a moment in seconds, where the vehicle drives


@dataclass(frozen=True, slots=True)
class Ahead:
    """A stop to come: the planned way to it and time at it; service does not start before `opens_s`.

    `rest_s` is how long the driver rests on the way. Of the leg that is being driven `left` tells what share is left.
    """

    key: str
    place: str
    leg_m: int
    leg_s: float
    service_s: float
    opens_s: float
    closes_s: float
    rest_s: float = 0.0
    left: float = 1.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """When a stop is reached, by half and by four fifths of the chances, and by how much it will be late.

    `late_share` of the chances (0 to 1) come after it closes, on average over all chances by `lateness_s`.
    """

    key: str
    p50_s: int
    p80_s: int
    late_share: float
    lateness_s: int


@dataclass(frozen=True, slots=True)
class Driven:
    """A leg of the same trip that is done: its length, the hour it began, and the logarithm of its ratio."""

    leg_m: int
    hour: int
    log_ratio: float


def look_ahead(
    stops: Sequence[Ahead],
    *,
    starts_s: float,
    serving_s: float = 0.0,
    paces: Paces,
    hour_of: HourOf,
    driven: Sequence[Driven] = (),
    seed: int = 0,
    draws: int = DRAWS,
) -> list[Outlook]:
    """Return the outlook of each stop for a vehicle that drives on at `starts_s`, or stands and serves until then.

    `serving_s` is the planned service still to be done first. Same input, same answer.
    """
    random = Random(seed)
    common = _common(driven, paces)
    known = {stop.place: paces.visit(stop.place) for stop in stops}
    reached: list[list[float]] = [[] for _ in stops]
    legs: dict[tuple[int, int], Spread] = {}
    for _ in range(draws):
        shift = random.gauss(common.mean, common.deviation)
        now = starts_s + serving_s * exp(random.gauss(0.0, paces.visit("").deviation))
        for index, stop in enumerate(stops):
            hour = hour_of(now)
            if (stop.leg_m, hour) not in legs:
                legs[stop.leg_m, hour] = _own(paces.leg(stop.leg_m, hour), paces.common)
            leg, visit = legs[stop.leg_m, hour], known[stop.place]
            now += stop.rest_s + stop.left * stop.leg_s * exp(shift + random.gauss(leg.mean, leg.deviation))
            reached[index].append(now)
            now = max(now, stop.opens_s) + stop.service_s * exp(random.gauss(visit.mean, visit.deviation))
    return [_outlook(stop, sorted(chances)) for stop, chances in zip(stops, reached, strict=True)]


def quantile(chances: Sequence[float], share: float) -> float:
    """Return the smallest of the sorted chances that `share` of them do not exceed."""
    return chances[max(0, ceil(share * len(chances)) - 1)]


def _common(driven: Sequence[Driven], paces: Paces) -> Spread:
    """Return how far this trip's legs deviate together, by those that are done."""
    spreads = [paces.leg(one.leg_m, one.hour) for one in driven]
    deviations = [one.log_ratio - spread.mean for one, spread in zip(driven, spreads, strict=True)]
    own = [_own(spread, paces.common).deviation for spread in spreads]
    return shared(deviations, sum(own) / len(own) if own else 1.0, paces.common)


def _own(spread: Spread, common: float) -> Spread:
    """Return what a leg deviates by itself, without what it shares with its trip."""
    return Spread(spread.mean, sqrt(max(LEAST**2, spread.deviation**2 - common**2)))


def _outlook(stop: Ahead, chances: Sequence[float]) -> Outlook:
    late = [at - stop.closes_s for at in chances if at > stop.closes_s]
    return Outlook(
        stop.key,
        round(quantile(chances, HALF)),
        round(quantile(chances, FOUR_FIFTHS)),
        len(late) / len(chances),
        round(sum(late) / len(chances)),
    )
