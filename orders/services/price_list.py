"""A price list as a file holds it: judged, then put in force as agreements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from b2b.catalog.selectors import product
from b2b.core.actor import DEALER, FACTORY, Actor, acting_as, system
from b2b.core.errors import Forbidden
from b2b.db.transactions import unit_of_work
from b2b.directory.models import BuyerGroup, Organization
from orders.policies.agreement_row import Judged, Known, judge
from orders.policies.raw_row import RawRow
from orders.services import agreements
from orders.services.agreements import InvalidAgreements, Placed

DEFAULT_CURRENCY: Final = "CNY"


@unit_of_work()
def preview(rows: Sequence[RawRow], *, by: Actor, at: datetime) -> Judged:
    """Judge the rows of a price list without writing anything; four queries for any number of rows.

    A factory writes for itself and names a dealer by its pseudonym, the operator for any factory by code.

    :raises Forbidden: for anybody else.
    """
    if not by.sees_all and by.kind != FACTORY:
        raise Forbidden("Only a factory and the operator write price lists.")
    return judged(rows, seller_id=None if by.sees_all else by.organization_id, at=at)


def judged(rows: Sequence[RawRow], *, seller_id: int | None, at: datetime) -> Judged:
    """Judge rows as this factory wrote them, or as the operator did when it is None."""
    with acting_as(system("price list")):
        return judge(rows, _known(rows, seller_id, at))


def _known(rows: Sequence[RawRow], seller_id: int | None, at: datetime) -> Known:
    named = {name: {row.get(name) for row in rows} - {""} for name in ("seller", "buyer", "group", "sku")}
    dealers = Organization.objects.filter(kind=DEALER, is_active=True)
    sellers = Organization.objects.filter(kind=FACTORY, is_active=True)
    own: Organization | None = None
    if seller_id is None:
        buyers = dict(dealers.filter(code__in=named["buyer"]).values_list("code", "pk"))
        sellers = sellers.filter(code__in=named["seller"])
    else:
        buyers = dict(dealers.filter(pseudonym__in=named["buyer"]).values_list("pseudonym", "pk"))
        sellers = sellers.filter(pk=seller_id)
        own = sellers.first()
    return Known(
        sellers=dict(sellers.values_list("code", "pk")),
        buyers=buyers,
        groups=dict(BuyerGroup.objects.filter(code__in=named["group"]).values_list("code", "pk")),
        products=product.keys_by_sku(system("price list"), named["sku"]),
        seller_id=own.pk if own else None,
        currency=own.currency if own else DEFAULT_CURRENCY,
        today=at.date(),
    )


@unit_of_work()
def put(rows: Sequence[RawRow], *, reason: str = "", by: Actor, at: datetime) -> Placed:
    """Put a whole price list in force, all of its rows or none.

    :raises Forbidden: for anybody but the operator. :raises InvalidAgreements: naming every faulty row.
    :raises OverlappingAgreement: when another transaction was faster.
    """
    agreements.may_agree(by)
    found = preview(rows, by=by, at=at)
    refuse_faults(found, len(rows))
    return agreements.put(found.drafts, reason=reason, by=by, at=at)


def refuse_faults(found: Judged, count: int) -> None:
    """Refuse a list of `count` rows that has faults. :raises InvalidAgreements: naming every faulty row."""
    if found.problems:
        faulty = len({problem.row for problem in found.problems})
        raise InvalidAgreements(f"{faulty} of {count} rows cannot be taken", problems=found.problems)
