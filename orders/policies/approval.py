"""Which approvals an order needs, and who may give them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Tier:
    """A rule as the policy reads it: what it is about, from which net amount on, and in which turn it decides."""

    rule_id: int
    tier: int
    amount_from: Decimal
    currency: str = ""
    category: str = ""
    site_id: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """The net amount of the lines of one category for one site."""

    category: str
    site_id: int | None
    net_amount: Decimal


@dataclass(frozen=True, slots=True)
class Due:
    """A rule that fits, and the amount it was measured by."""

    rule_id: int
    tier: int
    amount: Decimal


def due(rules: Iterable[Tier], parts: Sequence[Part], *, currency: str) -> list[Due]:
    """Return the rules that fit an order, lowest tier first.

    Promise: a rule is due if and only if the order has lines it is about and their net amount reaches `amount_from`;
    so a higher amount never needs fewer approvals, and how lines are split changes nothing.
    """
    fitting = []
    for rule in rules:
        about = [part.net_amount for part in parts if _is_about(rule, part)]
        amount = sum(about, Decimal(0))
        if rule.currency in ("", currency) and about and amount >= rule.amount_from:
            fitting.append(Due(rule.rule_id, rule.tier, amount))
    return sorted(fitting, key=lambda one: (one.tier, one.rule_id))


def _is_about(rule: Tier, part: Part) -> bool:
    return rule.category in ("", part.category) and rule.site_id in (None, part.site_id)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose approval a step waits for: the person, or anybody of the role; and who asked for it."""

    role: str
    approver_id: int | None
    requester_id: int | None
    allow_requester: bool = False


@dataclass(frozen=True, slots=True)
class Authority:
    """A person's right to decide: the own one, or one lent by somebody who is away."""

    user_id: int
    roles: frozenset[str]


def may_decide(asked: Asked, decider_id: int, authorities: Iterable[Authority]) -> bool:
    """Tell whether a person may decide a step with one of the authorities it holds.

    Four eyes: whoever asked neither decides nor lends the right to, unless the rule says so.
    """
    if asked.requester_id == decider_id and not asked.allow_requester:
        return False
    return any(
        (asked.approver_id == one.user_id or (asked.role != "" and asked.role in one.roles))
        and (asked.allow_requester or one.user_id != asked.requester_id)
        for one in authorities
    )
