"""Call goods back: find them, block them, tell every dealer that got of them, and collect the answers."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from b2b.contracts.warehousing import RecalledGoods, RecallNotified
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.core.ids import uuid7
from b2b.db import sequences
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.directory.selectors import organization
from b2b.outbox.publish import publish
from warehousing import states
from warehousing.models import Recall, RecallFinding, RecallNotice
from warehousing.selectors import trace
from warehousing.selectors.trace import Parcel, Trace
from warehousing.services import lot


@unit_of_work()
def open_(
    lot_ids: Collection[int],
    *,
    reason: str,
    instruction: str = "",
    rehearse: bool = False,
    by: Actor,
    at: datetime,
) -> Recall:
    """Recall lots at once: block what is here, re-reserve for whom it was kept, publish RecallNotified per dealer.

    With `rehearse` find out the same, change nothing and tell nobody. What is staged does not leave any more
    (`selectors.package.blocked`); what is under way is listed, to be stopped by hand.

    :raises Invalid: without lots or a reason. :raises NotFound: when a lot is not known, or `by` is no operator.
    """
    started = time.perf_counter()
    if not lot_ids or not reason.strip():
        raise Invalid("a recall names lots and says why")
    held = [] if rehearse else lot.hold(lot_ids)  # before looking: what is being packed now is found packed
    found = trace.of_lots(by, lot_ids)
    lot.block([one.pk for one in held if one.status == "RELEASED"], reason=reason[:200], at=at)
    made = Recall(
        number=sequences.number("RC", "ALL", sequences.take("RECALL", 0).start),
        status="REHEARSED" if rehearse else "OPEN",
        reason=reason.strip(),
        instruction=instruction.strip(),
        created_at=at,
        updated_at=at,
    )
    made.save(force_insert=True)
    made.lots.set(lot_ids)
    record([(made, "rehearse" if rehearse else "recall", "", made.status)], by=by, at=at, reason=reason)
    notices = _notices(made, found, at)
    if not rehearse:
        RecallNotice.objects.bulk_create(notices)
        publish(*(_told(made, notice, found, at) for notice in notices))
    report = {
        **_rows(found),
        "would_tell" if rehearse else "told": [notice.dealer.code for notice in notices],
    }
    duration = round((time.perf_counter() - started) * 1000)
    RecallFinding.objects.create(recall=made, found=report, duration_ms=duration)
    return made


def _notices(made: Recall, found: Trace, at: datetime) -> list[RecallNotice]:
    """Make a notice for every dealer that has goods, or has them under way or staged."""
    lots = {one.lot_id: one for one in found.lots}
    by_dealer: dict[int, list[Parcel]] = {}
    for parcel in found.parcels:
        by_dealer.setdefault(parcel.dealer_id, []).append(parcel)
    dealers = organization.by_id(by_dealer)
    return [
        RecallNotice(
            id=uuid7(),
            recall=made,
            dealer=dealers[dealer_id],
            status="TOLD",
            told_at=at,
            goods=[_goods(parcel, lots[parcel.lot_id]) for parcel in parcels],
            delivered_quantity=_sum(parcels, "DELIVERED"),
            under_way_quantity=_sum(parcels, "UNDER_WAY", "STAGED"),
        )
        for dealer_id, parcels in sorted(by_dealer.items())
    ]


def _sum(parcels: Sequence[Parcel], *stages: str) -> int:
    return sum(parcel.quantity for parcel in parcels if parcel.stage in stages)


def _goods(parcel: Parcel, named: trace.TracedLot) -> dict[str, Any]:
    return {
        "sku": named.sku,
        "lot_number": named.lot_number,
        "quantity": parcel.quantity,
        "stage": parcel.stage,
        "sscc": parcel.sscc,
        "order": parcel.order,
        "ship_to": parcel.ship_to,
        "departed_at": parcel.departed_at and parcel.departed_at.isoformat(),
        "delivered_at": parcel.delivered_at and parcel.delivered_at.isoformat(),
    }


def _told(made: Recall, notice: RecallNotice, found: Trace, at: datetime) -> RecallNotified:
    parts = []
    for one in found.lots:
        parcels = [
            parcel
            for parcel in found.parcels
            if parcel.dealer_id == notice.dealer_id and parcel.lot_id == one.lot_id
        ]
        if parcels:
            parts.append(
                RecalledGoods(
                    product_id=one.product_id,
                    sku=one.sku,
                    lot_number=one.lot_number,
                    quantity=sum(parcel.quantity for parcel in parcels),
                    delivered_quantity=_sum(parcels, "DELIVERED"),
                )
            )
    return RecallNotified(
        occurred_at=at,
        notice_id=notice.pk,
        recall_id=made.pk,
        number=made.number,
        dealer_id=notice.dealer_id,
        reason=made.reason,
        instruction=made.instruction,
        goods=tuple(parts),
    )


def _rows(found: Trace) -> dict[str, list[dict[str, Any]]]:
    """Write a trace as JSON keeps it."""
    listed: dict[str, Sequence[Any]] = {
        "lots": found.lots,
        "origins": found.origins,
        "on_hand": found.on_hand,
        "reserved": found.reserved,
        "returns": found.returns,
    }
    rows = {name: [_plain(asdict(one)) for one in values] for name, values in listed.items()}
    for stage in ("STAGED", "UNDER_WAY", "DELIVERED"):
        rows[stage.lower()] = [_plain(asdict(one)) for one in found.parcels if one.stage == stage]
    return rows


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat()
        if isinstance(value, datetime)
        else str(value)
        if isinstance(value, UUID)
        else value
        for name, value in row.items()
    }


@unit_of_work()
def answer(
    recall_id: UUID,
    *,
    held: int,
    sold: int = 0,
    returning: int = 0,
    note: str = "",
    dealer_id: int | None = None,
    by: Actor,
    at: datetime,
) -> RecallNotice:
    """Take what a dealer says it holds, sold and sends back, base units; the last answer counts.

    An operator answers for the dealer it names.

    :raises NotFound: when the dealer has no notice of the recall. :raises Forbidden: for another dealer.
    :raises IllegalTransition: once the recall is closed. :raises Invalid: for more than the dealer got.
    """
    if dealer_id is None and by.sees_all:
        raise Invalid(
            "name the dealer you answer for",
            problems=[Problem("no_dealer", "it is missing", "/dealer", remedy="give its code")],
        )
    dealer_id = dealer_id or by.organization_id
    if not by.sees_all and dealer_id != by.organization_id:
        raise Forbidden("a dealer answers for itself")
    with acting_as(system("recall")):
        of = RecallNotice.objects.filter(recall_id=recall_id, dealer_id=dealer_id)
        made = lock_one(Recall.objects.filter(pk__in=of.values("recall_id")))
        found = lock_one(of)
        Recall.machine.next(made.status, "answer")
        got = found.delivered_quantity + found.under_way_quantity
        if min(held, sold, returning) < 0 or held + sold + returning > got:
            said = (
                f"{held} held, {sold} sold and {returning} on the way back are not within the {got} you got"
            )
            raise Invalid(said, problems=[Problem("more_than_got", said, "/held")])
        found.status = states.RECALL_NOTICE.next(found.status, "answer")
        found.held_quantity, found.sold_quantity, found.returning_quantity = held, sold, returning
        found.note, found.answered_at = note.strip(), at
        found.save()
        record(
            [(made, "answer", made.status, made.status)],
            by=by,
            at=at,
            reason=f"{found.dealer_id}: {note}"[:200],
        )
    return found


@unit_of_work()
def close(recall_id: UUID, *, reason: str = "", by: Actor, at: datetime) -> Recall:
    """Close a recall; its lots stay blocked until they are released or rejected one by one.

    :raises NotFound: when there is none. :raises IllegalTransition: when it is not open.
    """
    made = lock_one(Recall.objects.filter(pk=recall_id))
    made.advance("close", by=by, at=at, reason=reason)
    return made
