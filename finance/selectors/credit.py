"""What a dealer owes, holds and may still order."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, Q, QuerySet

from b2b.contracts.finance import CreditAnswer
from b2b.core.actor import DEALER, Actor, acting_as, system
from b2b.core.errors import NotFound
from b2b.core.money import Money
from b2b.directory.models import Organization
from finance.models import AccountBalance, CreditHold, CreditLimit
from finance.policies.chart import CREDIT, EXPOSURE
from finance.policies.credit import Position


def parties(dealer_ids: Iterable[int]) -> dict[int, int]:
    """Return for each dealer whose limit it draws on: the head of its group, or itself."""
    rows = Organization.objects.filter(pk__in=set(dealer_ids)).values_list("pk", "group_id")
    return {dealer: group or dealer for dealer, group in rows}


def members(party_id: int) -> list[int]:
    """Return the companies that share one limit: the head of a group and its members, or one that stands alone."""
    return list(
        Organization.objects.filter(Q(pk=party_id) | Q(group_id=party_id)).values_list("pk", flat=True)
    )


def answer(position: Position, currency: str, *, rise: int = 0, granted: bool | None = None) -> CreditAnswer:
    """Put a position into the words of the contract; `rise` is what was asked for on top."""
    shortfall = position.shortfall(rise)
    return CreditAnswer(
        granted=shortfall == 0 if granted is None else granted,
        limit=Money.from_minor(position.limit, currency),
        used=Money.from_minor(position.used, currency),
        reserved=Money.from_minor(position.reserved, currency),
        shortfall=Money.from_minor(shortfall, currency),
    )


def of_balance(balance: AccountBalance, limit: int | None) -> Position:
    """Read an exposure account as a position."""
    return Position(limit=limit or 0, used=balance.posted, reserved=balance.pending_debit)


def position(actor: Actor, dealer_id: int, currency: str) -> CreditAnswer:
    """Return the position of a dealer's group; a dealer may ask for its own only.

    :raises NotFound: when the dealer is not `actor`'s to see.
    """
    if not actor.sees_all and not (actor.kind == DEALER and actor.organization_id == dealer_id):
        raise NotFound("there is no such dealer")
    with acting_as(system("credit")):
        party = parties([dealer_id]).get(dealer_id)
        found = (
            AccountBalance.objects.filter(
                account__book__code=CREDIT,
                account__code=EXPOSURE,
                account__unit=currency,
                account__party_id=party,
            )
            .annotate(ceiling=F("account__ceiling"))
            .first()
        )
        if found is None:
            return answer(Position(0, 0, 0), currency)
        return answer(of_balance(found, found.ceiling), currency)


def holds(actor: Actor) -> QuerySet[CreditHold]:
    """Return what orders hold, newest first."""
    return CreditHold.objects.visible_to(actor).order_by("-created_at", "pk")


def limits(actor: Actor) -> QuerySet[CreditLimit]:
    """Return limits as they were set, newest first; a dealer of a group sees those set for itself."""
    return CreditLimit.objects.visible_to(actor).select_related("party").order_by("-set_at", "-pk")
