"""Prices a factory proposes: nothing holds until the operator approves, and then all of it or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from b2b.core.actor import FACTORY, Actor, acting_as, system
from b2b.core.errors import Forbidden
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.sequences import number, take
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from orders.models import PriceProposal
from orders.policies.raw_row import RawRow
from orders.services import agreements, price_list
from orders.services.agreements import Placed


@unit_of_work()
def propose(rows: Sequence[RawRow], *, note: str = "", by: Actor, at: datetime) -> PriceProposal:
    """Keep a price list for the operator to decide on; it is judged now, and again when it is approved.

    :raises Forbidden: for anybody but a factory. :raises InvalidAgreements: naming every faulty row.
    """
    if by.kind != FACTORY or by.organization_id is None:
        raise Forbidden("Only a factory proposes prices.")
    found = price_list.judged(rows, seller_id=by.organization_id, at=at)
    price_list.refuse_faults(found, len(rows))
    with acting_as(system("price proposals")):
        seller = Organization.objects.get(pk=by.organization_id)
        made = PriceProposal(
            number=number("PP", seller.code, take("price_proposal", seller.pk).start),
            seller=seller,
            rows=[[row.number, dict(row.values)] for row in rows],
            row_count=len(rows),
            agreement_count=len(found.drafts),
            note=note,
            created_at=at,
            updated_at=at,
        )
        made.save(force_insert=True)
        record([(made, "propose", "", made.status)], by=by, at=at, reason=note)
    return made


@unit_of_work()
def approve(proposal: PriceProposal, *, reason: str = "", by: Actor, at: datetime) -> Placed:
    """Put a proposal in force as its factory wrote it.

    :raises Forbidden: for anybody but the operator. :raises IllegalTransition: when it was decided already.
    :raises InvalidAgreements: when it no longer fits what holds. :raises OverlappingAgreement: as `agreements.put`.
    """
    agreements.may_agree(by)
    with acting_as(system("price proposals")):
        locked = lock_one(PriceProposal.objects.filter(pk=proposal.pk))
        locked.advance("approve", by=by, at=at, reason=reason)
    rows = [RawRow(row, values) for row, values in locked.rows]
    found = price_list.judged(rows, seller_id=locked.seller_id, at=at)
    price_list.refuse_faults(found, len(rows))
    return agreements.put(found.drafts, reason=f"{locked.number} {reason}".strip(), by=by, at=at)


@unit_of_work()
def reject(proposal: PriceProposal, *, reason: str = "", by: Actor, at: datetime) -> PriceProposal:
    """Turn a proposal down; the factory reads why.

    :raises Forbidden: for anybody but the operator. :raises IllegalTransition: when it was decided already.
    """
    agreements.may_agree(by)
    return _decide(proposal, "reject", by, at, reason)


@unit_of_work()
def withdraw(proposal: PriceProposal, *, reason: str = "", by: Actor, at: datetime) -> PriceProposal:
    """Take a proposal back. :raises Forbidden: for another. :raises IllegalTransition: when it was decided already."""
    if not by.sees_all and (by.kind, by.organization_id) != (FACTORY, proposal.seller_id):
        raise Forbidden("Only the factory that proposed it takes it back.")
    return _decide(proposal, "withdraw", by, at, reason)


def _decide(proposal: PriceProposal, verb: str, by: Actor, at: datetime, reason: str) -> PriceProposal:
    with acting_as(system("price proposals")):
        locked = lock_one(PriceProposal.objects.filter(pk=proposal.pk))
        locked.advance(verb, by=by, at=at, reason=reason)
    return locked
