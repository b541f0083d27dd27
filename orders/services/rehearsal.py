"""Play what would have come of other rules, and keep it: a made-up market, or past demand with other buffers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Invalid, Problem
from b2b.directory.models import Organization
from orders.models import Rehearsal
from orders.policies import buffer
from orders.policies.rehearsal import comparison, play
from orders.policies.rehearsal.market import WEEK, Market
from orders.policies.rehearsal.play import Outcome
from orders.policies.rehearsal.rules import ReorderPoint, Signals
from orders.selectors import rehearsal as selectors
from orders.services.cycle_plan import operators_only

KNOWN_WEEKS: Final = 104
LEAST_DAYS: Final = play.WARM_UP_DAYS + 2 * WEEK
MOST_DAYS: Final = 728


class NothingToRehearse(Invalid):
    """The factory keeps no buffer, or nothing was asked for on the days that are to be played again."""

    code = "nothing_to_rehearse"


def market(*, days: int, dealers: int, products: int, seed: int, by: Actor, at: datetime) -> Rehearsal:
    """Play a made-up market by signals, order by order and by reorder points, and keep what came of each.

    The same figures give the same market. :raises Forbidden: unless the operator or the platform asks.
    :raises Invalid: for less than a place, a product and two weeks that count.
    """
    operators_only(by)
    whole = days + play.WARM_UP_DAYS
    _check(whole)
    if dealers < 1 or products < 1:
        raise Invalid("a market needs a dealer and a product")
    played = comparison.made_up(days=days, places=dealers, products=products, seed=seed)
    settings = {"dealers": dealers, "products": products, "seed": seed, "profile": _told(comparison.PROFILE)}
    return _keep(Rehearsal.Kind.MARKET, None, days, settings, played, comparison.compare(played), at)


def past(
    factory: Organization, *, days: int, changes: Mapping[str, Any], by: Actor, at: datetime
) -> Rehearsal:
    """Play past demand of a factory's buffers as they are, with changed profiles, and by reorder points, and keep it.

    `changes` may name `lead_time_factor`, `variability_factor` and `order_cycle_days` for all of them. Half the days
    of a month go by before anything is measured. :raises Forbidden: unless the operator or the platform asks.
    :raises NothingToRehearse: without a buffer or any demand. :raises Invalid: for a span that is too short or long.
    """
    operators_only(by)
    _check(days)
    with acting_as(system("orders")):
        found = selectors.past(factory.pk, until=at.date(), days=days, known_weeks=KNOWN_WEEKS)
    if found is None or not found.market.demand[found.market.known_days :].any():
        raise NothingToRehearse(f"nothing was asked for of buffers of {factory.code} in {days} days")
    proposed = [replace(profile, **changes) for profile in found.profiles]
    outcomes = {
        "as it is": play.alone(found.market, Signals(found.profiles)),
        "as proposed": play.alone(found.market, Signals(proposed)),
        "reorder point": play.alone(found.market, ReorderPoint()),
    }
    settings = {
        "changes": {name: str(value) for name, value in changes.items()},
        "until": at.date().isoformat(),
    }
    return _keep(Rehearsal.Kind.PAST, factory, days, settings, found.market, outcomes, at)


def _check(days: int) -> None:
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise Invalid(
            f"{days} days cannot be played",
            problems=[
                Problem("bad_span", f"between {LEAST_DAYS} and {MOST_DAYS} days are played", field="days",
                        remedy=f"give at least {LEAST_DAYS}: the first four weeks are not measured")
            ],
        )  # fmt: skip


def _told(profile: buffer.Profile) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(profile).items()
    }


def _keep(
    kind: Rehearsal.Kind, factory: Organization | None, days: int, settings: Mapping[str, Any], played: Market,
    outcomes: Mapping[str, Outcome], at: datetime,
) -> Rehearsal:  # fmt: skip
    with acting_as(system("orders")):
        return Rehearsal.objects.create(
            kind=kind,
            factory=factory,
            days=days,
            settings=json.dumps(settings, sort_keys=True),
            outcomes=comparison.written(outcomes),
            facts_hash=sha256(played.demand.tobytes()).hexdigest(),
            created_at=at,
        )
