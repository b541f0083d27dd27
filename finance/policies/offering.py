"""What a programme offers for an asset: a function of terms and facts alone, so that equals get equal offers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from finance.policies.interest import half_up

VERSION: Final = "2026-11"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a programme says: rates and shares are fractions, amounts minor units."""

    advance_rate: Decimal
    fee_rate: Decimal
    grade_rates: Mapping[str, Decimal]
    min_days: int
    max_days: int
    is_purchase: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an asset and of whose it is, but not who that is: nothing else may move an offer."""

    face: int
    wanted: int
    grade: str
    asset_due: date
    from_day: date
    faults: tuple[str, ...] = ()

    def key(self) -> str:
        """Return the SHA-256 of the facts; two requests of one key are equal."""
        return hashlib.sha256(repr(sorted(asdict(self).items())).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is offered, or why nothing is."""

    reasons: tuple[str, ...]
    advance: int = 0
    rate: Decimal = Decimal(0)
    fee: int = 0
    maturity: date | None = None

    @property
    def is_offer(self) -> bool:
        """Whether anything is offered."""
        return self.maturity is not None


def answer(terms: Terms, facts: Facts) -> Answer:
    """Return the offer for an asset, or every reason against one.

    Promise: the advance is at most `advance_rate` of the face and at most what was asked for; equal facts get equal
    answers, and a better grade never pays more than a worse one unless the programme's own rates say so.
    """
    reasons = list(facts.faults)
    maturity = facts.asset_due
    if not terms.is_purchase:
        maturity = min(maturity, facts.from_day + timedelta(days=terms.max_days))
    days = (maturity - facts.from_day).days
    if facts.grade not in terms.grade_rates:
        reasons.append(
            f"the programme takes grades {', '.join(sorted(terms.grade_rates))}; this is {facts.grade}"
        )
    if days < terms.min_days:
        reasons.append(f"it runs {days} days, the programme begins at {terms.min_days}")
    if days > terms.max_days:
        reasons.append(f"it runs {days} days, the programme ends at {terms.max_days}")
    most = int(facts.face * Fraction(terms.advance_rate))
    advance = min(most, facts.wanted)
    if advance <= 0:
        reasons.append("nothing can be advanced on it")
    if reasons:
        return Answer(tuple(reasons))
    return Answer(
        (),
        advance=advance,
        rate=terms.grade_rates[facts.grade],
        fee=half_up(advance * Fraction(terms.fee_rate)),
        maturity=maturity,
    )
