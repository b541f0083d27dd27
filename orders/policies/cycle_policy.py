"""The rules a cycle declares before its cut-off: how a shortage, a surplus and a saving are shared, what is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from b2b.core.errors import Problem
from orders.policies.fair_share import POLICIES, UnknownPolicy
from orders.policies.progress import Disclosure
from orders.policies.sharing import SharingRule
from orders.policies.shortage import ShortageRule

# Who owns what rounding buys beyond the need, and where goes what a dealer gives up that nobody waits for.
OWNERS: Final = ("PLATFORM", "NEXT_CYCLE")
GIVEN_UP: Final = ("ask", "stock")
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "fair_share": tuple(POLICIES),
    "surplus": OWNERS,
    "given_up": GIVEN_UP,
}
PARTS: Final[Mapping[str, type[Any]]] = {
    "sharing": SharingRule,
    "shortage": ShortageRule,
    "progress": Disclosure,
}


class InvalidPolicy(UnknownPolicy, ValueError):
    """These are no rules of a cycle; each problem names its field."""

    code = "invalid_cycle_policy"


def declared(given: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with what is `given` in its place; of a part that is a table of its own only what is named.

    Promise: what is returned is a whole policy by which a cycle can be closed, and a name nobody knows is refused.

    :raises InvalidPolicy: naming every field that is wrong.
    """
    whole = {**base, **given}
    for name in PARTS:
        if isinstance(given.get(name), Mapping):
            whole[name] = {**base.get(name, {}), **given[name]}
    problems = list(_problems(whole))
    if problems:
        raise InvalidPolicy(problems[0].message, problems=problems)
    return whole


def _problems(policy: Mapping[str, Any]) -> Iterator[Problem]:
    for name, known in CHOICES.items():
        if policy.get(name) not in known:
            words = ", ".join(known)
            message = f"{name} is one of {words}, not {policy.get(name)!r}"
            yield Problem(
                "unknown_choice", message, pointer=f"/{name}", field=name, remedy=f"Choose one of {words}."
            )
    for name, rule in PARTS.items():
        try:
            rule(**policy.get(name, {}))
        except (TypeError, ValueError) as error:
            yield Problem(
                "invalid_rule",
                f"{name}: {error}",
                pointer=f"/{name}",
                field=name,
                remedy="See what it may hold.",
            )
    for name in sorted(set(policy) - {*CHOICES, *PARTS}):
        yield Problem(
            "unknown_rule",
            f"a cycle has no rule {name}",
            pointer=f"/{name}",
            field=name,
            remedy="Leave it out.",
        )


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return what changed in words, "fair_share: proportional -> equal", in the order of the rules."""
    found = []
    for name in (*CHOICES, *PARTS):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            changed = sorted(part for part in {*old, *new} if old.get(part) != new.get(part))
            found += [f"{name}.{part}: {old.get(part)} -> {new.get(part)}" for part in changed]
        else:
            found.append(f"{name}: {old} -> {new}")
    return found
