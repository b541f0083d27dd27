"""How long a transferable voucher may run, by jurisdiction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from finance.policies.schedule import monthly


@dataclass(frozen=True, slots=True)
class Profile:
    """From how many months on a voucher is marked, and beyond how many it is refused; None: never."""

    warn_months: int | None
    refuse_months: int | None
    source: str


PROFILES: Final[dict[str, Profile]] = {
    # Payment terms of electronic receivable vouchers: in principle within six months, one year at the most.
    "CN": Profile(
        6, 12, "PBC and others, Yinfa [2025] No. 77, on supply-chain finance and electronic vouchers"
    ),
}
ELSEWHERE: Final = Profile(None, None, "no rule known")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a jurisdiction says to a term: nothing, a warning, or no."""

    warning: str = ""
    refusal: str = ""


def judge(jurisdiction: str, issued: date, due: date) -> Verdict:
    """Return what a jurisdiction says to a voucher of a term.

    Promise: a shorter term is never judged harder.
    """
    if due <= issued:
        return Verdict(refusal="a voucher is due after the day it is issued")
    profile = PROFILES.get(jurisdiction, ELSEWHERE)
    if profile.refuse_months is not None and due > monthly(issued, profile.refuse_months)[-1]:
        return Verdict(refusal=f"it runs longer than {profile.refuse_months} months ({profile.source})")
    if profile.warn_months is not None and due > monthly(issued, profile.warn_months)[-1]:
        return Verdict(warning=f"it runs longer than {profile.warn_months} months ({profile.source})")
    return Verdict()
