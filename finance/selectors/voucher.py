"""Vouchers as their holders may see them, the path each came, and who answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from b2b.core.actor import CARRIER, Actor, acting_as, system
from b2b.core.errors import NotFound
from b2b.db.bulk import fetch
from b2b.directory.models import Organization
from finance.models import Financing, Voucher
from finance.policies.technique import VOUCHER


@dataclass(frozen=True, slots=True)
class Hop:
    """A piece on the way to another, the first holder first; `answers`: the present holder may come back to it."""

    number: str
    holder: str
    amount: int
    currency: str
    status: str
    with_recourse: bool
    received_at: datetime
    answers: bool = False


_PATH: Final = """
    WITH RECURSIVE way AS (
        SELECT piece.*, 0 AS back FROM finance_voucher piece WHERE piece.id = %(voucher)s
        UNION ALL
        SELECT piece.*, way.back + 1 FROM way JOIN finance_voucher piece ON piece.id = way.parent_id
    )
    SELECT way.number, holder.code, way.amount, root.currency, way.status, way.with_recourse, way.created_at
    FROM way JOIN directory_organization holder ON holder.id = way.holder_id
    JOIN finance_voucherroot root ON root.id = way.root_id ORDER BY way.back DESC
"""


def visible(actor: Actor) -> QuerySet[Voucher]:
    """Return the pieces a party holds, held, or has in pledge; all for the operator."""
    return Voucher.objects.visible_to(actor).select_related("root", "root__issuer", "holder", "pledgee")


def party_of(code: str) -> Organization | None:
    """Return who may hold a voucher under a code; codes are known to those who trade with each other."""
    return Organization.objects.filter(code=code, is_active=True).exclude(kind=CARRIER).first()


def path(actor: Actor, voucher_id: UUID) -> list[Hop]:
    """Return every piece a piece came from, the first holder first, and who answers if the issuer does not pay.

    Whoever is before an unbroken row of hops with recourse answers. A holder sees the whole path: it has to trust it.

    :raises NotFound: when the piece is not the actor's to see.
    """
    if not visible(actor).filter(pk=voucher_id).exists():
        raise NotFound("there is no such voucher")
    with acting_as(system("vouchers")):
        hops = [Hop(*row) for row in fetch(_PATH, {"voucher": voucher_id})]
    found, answers = [], True
    last = hops[-1].holder
    for hop, following in zip(reversed(hops[:-1]), reversed(hops[1:]), strict=True):
        if hop.holder != following.holder:
            answers = answers and following.with_recourse
        found.append(
            Hop(hop.number, hop.holder, hop.amount, hop.currency, hop.status, hop.with_recourse,
                hop.received_at, answers and hop.holder != last)
        )  # fmt: skip
    return [*reversed(found), hops[-1]]


def bought_by(piece: Voucher) -> Financing | None:
    """Return the financing that bought a piece from who held it before, while it is not repaid."""
    if piece.parent_id is None:
        return None
    return (
        Financing.objects.filter(
            request__asset_kind=VOUCHER,
            request__asset_key=str(piece.parent_id),
            funder=piece.holder_id,
            asset__released_at=None,
            recourse_date=None,
        )
        .select_related("request", "programme")
        .first()
    )
