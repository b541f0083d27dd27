"""Pledge vouchers: a pending entry in favour of the pledgee, who releases it or takes it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from b2b.core.actor import Actor, acting_as
from b2b.core.errors import NotFound
from b2b.core.ids import uuid7
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from finance.models import Voucher
from finance.services import pending
from finance.services.voucher import DESK, free_piece, hand_over, held_by, post


@unit_of_work()
def pledge(voucher_id: UUID, *, to_id: int, by: Actor, at: datetime) -> Voucher:
    """Pledge a piece: it stays with its holder, who can do nothing with it before it is released.

    :raises NotFound: when it is not the actor's. :raises IllegalTransition: when it is pledged, or has gone on.
    """
    with acting_as(DESK):
        piece = free_piece(voucher_id, by=by)
        if to_id == piece.holder_id or not Organization.objects.filter(pk=to_id, is_active=True).exists():
            raise NotFound("there is no such party")
        piece.machine.next(piece.status, "pledge")
        entry = post(
            piece.root, "voucher_pledge", uuid7(), timezone.localtime(at).date(),
            [(held_by(piece.root, piece.holder_id), -piece.amount, piece),
             (held_by(piece.root, to_id), piece.amount, piece)],
            by=by, at=at, is_pending=True,
        )  # fmt: skip
        piece.advance("pledge", by=by, at=at, pledge_id=entry, pledgee_id=to_id)
        return piece


@unit_of_work()
def release(voucher_id: UUID, *, by: Actor, at: datetime) -> Voucher:
    """Give a pledged piece free again; the pledgee alone may.

    :raises NotFound: when it is not pledged to the actor.
    """
    with acting_as(DESK):
        piece = _pledged_to(voucher_id, by=by)
        assert piece.pledge_id is not None
        pending.void(piece.pledge_id, by=by, at=at)
        piece.advance("release", by=by, at=at, pledge_id=None, pledgee_id=None)
        return piece


@unit_of_work()
def enforce(voucher_id: UUID, *, by: Actor, at: datetime) -> Voucher:
    """Take a pledged piece, with recourse to who pledged it; the pledgee alone may. Returns what it holds now.

    :raises NotFound: when it is not pledged to the actor.
    """
    with acting_as(DESK):
        piece = _pledged_to(voucher_id, by=by)
        pledgee = piece.pledgee_id or 0
        assert piece.pledge_id is not None
        pending.void(piece.pledge_id, by=by, at=at)
        piece.advance("release", by=by, at=at, pledge_id=None, pledgee_id=None, reason="enforced")
        return hand_over(piece, pledgee, with_recourse=True, by=by, at=at)


def _pledged_to(voucher_id: UUID, *, by: Actor) -> Voucher:
    mine = Voucher.objects.select_related("root").filter(pk=voucher_id, status="PLEDGED")
    return lock_one(mine if by.sees_all else mine.filter(pledgee_id=by.organization_id))
