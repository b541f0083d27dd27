"""A price list as a file holds it: judged, then put in force as agreements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from b2b.catalog.selectors import product
from b2b.core.actor import DEALER, FACTORY, Actor, acting_as, system
from b2b.core.errors import Forbidden
from b2b.db.transactions import unit_of_work
from b2b.directory.models import BuyerGroup, Organization
from orders.policies.agreement_row import Judged, Known, judge
from orders.policies.raw_row import RawRow
from orders.services import agreements
from orders.services.agreements import InvalidAgreements, Placed


@unit_of_work()
def preview(rows: Sequence[RawRow], *, by: Actor, at: datetime) -> Judged:
    """Judge the rows of a price list without writing anything; four queries for any number of rows.

    A factory writes for itself and names a dealer by its pseudonym, the operator for any factory by code.

    :raises Forbidden: for anybody else.
    """
    if not by.sees_all and by.kind != FACTORY:
        raise Forbidden
    with acting_as(system("price list")):
        return judge(rows, _known(rows, by, at))


def _known(rows: Sequence[RawRow], by: Actor, at: datetime) -> Known:
    named = {name: {row.get(name) for row in rows} - {""} for name in ("seller", "buyer", "group", "sku")}
    dealers = Organization.objects.filter(kind=DEALER, is_active=True)
    sellers = Organization.objects.filter(kind=FACTORY, is_active=True)
    if by.sees_all:
        buyers = dict(dealers.filter(code__in=named["buyer"]).values_list("code", "pk"))
        sellers = sellers.filter(code__in=named["seller"])
    else:
        buyers = dict(dealers.filter(pseudonym__in=named["buyer"]).values_list("pseudonym", "pk"))
        sellers = sellers.filter(pk=by.organization_id or 0)
    by_code = {code: (key, currency) for key, code, currency in sellers.values_list("pk", "code", "currency")}
    own = next(iter(by_code.values())) if not by.sees_all and by_code else (None, "CNY")
    return Known(
        sellers={code: key for code, (key, _) in by_code.items()},
        buyers=buyers,
        groups=dict(BuyerGroup.objects.filter(code__in=named["group"]).values_list("code", "pk")),
        products=product.keys_by_sku(system("price list"), named["sku"]),
        seller_id=own[0],
        currency=own[1],
        today=at.date(),
    )


@unit_of_work()
def put(rows: Sequence[RawRow], *, reason: str = "", by: Actor, at: datetime) -> Placed:
    """Put a whole price list in force, all of its rows or none.

    :raises Forbidden: for anybody but the operator. :raises InvalidAgreements: naming every faulty row.
    :raises OverlappingAgreement: when another transaction was faster.
    """
    agreements.may_agree(by)
    judged = preview(rows, by=by, at=at)
    if judged.problems:
        faulty = len({problem.row for problem in judged.problems})
        raise InvalidAgreements(f"{faulty} of {len(rows)} rows cannot be taken", problems=judged.problems)
    return agreements.put(judged.drafts, reason=reason, by=by, at=at)
