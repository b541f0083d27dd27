"""Why goods received and not invoiced stand open, whose turn it is, and how old they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BANDS: Final = ((30, "0-30"), (60, "31-60"), (90, "61-90"))
OLDER: Final = "over 90"

NOT_BILLED: Final = "NOT_BILLED"
BILL_WAITS: Final = "BILL_WAITS"
BILLED_AHEAD: Final = "BILLED_AHEAD"
ROUNDING: Final = "ROUNDING"
FACTORY: Final = "factory"
OPERATOR: Final = "operator"


@dataclass(frozen=True, slots=True)
class Standing:
    """A purchase line: base units accepted and billed, minor units still open, and the bill that waits, if any.

    `open_amount` is above zero when goods are worth more than was cleared for them.
    """

    accepted: int
    billed: int
    open_amount: int
    waiting_bill: str = ""
    verdict: str = ""
    case_owner: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why it stands open, in a code and in words, and whose turn it is."""

    code: str
    reason: str
    owner: str


def explain(standing: Standing) -> Explanation:
    """Say why a purchase line stands open and who has to act.

    A bill that waits is the operator's, by name when somebody took its case on; goods nobody billed are the factory's.
    Promise: every line that stands open has a reason and an owner.
    """
    mine = standing.case_owner or OPERATOR
    if standing.waiting_bill:
        why = standing.verdict.replace("_", " ").lower() or "it is not matched yet"
        return Explanation(BILL_WAITS, f"{standing.waiting_bill} waits: {why}", mine)
    if standing.billed > standing.accepted:
        return Explanation(
            BILLED_AHEAD,
            f"{standing.billed - standing.accepted} units were billed and went back or never came",
            mine,
        )
    if standing.billed < standing.accepted:
        missing = standing.accepted - standing.billed
        return Explanation(
            NOT_BILLED, f"{missing} of {standing.accepted} units accepted are not billed", FACTORY
        )
    return Explanation(ROUNDING, "everything is billed; its value at receipt changed since", mine)


def band(days: int) -> str:
    """Return the band of age that so many days fall into."""
    return next((name for most, name in BANDS if days <= most), OLDER)
