"""Whose turn it is: carriers are asked, answers run out, the next one is asked, or the load comes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max, Q

from b2b.contracts.tenders import OfferClosed, OfferInvited, TenderLapsed
from b2b.core.actor import Actor
from b2b.core.ids import uuid7
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock
from b2b.db.models import advance_all, record
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from logistics import states
from logistics.models import Offer, Shipment, Tender
from logistics.selectors import tender as tenders

MOST = 1_000  # tenders a sweep looks after


@unit_of_work()
def sweep(*, by: Actor, at: datetime) -> int:
    """End what ran out and ask on; return how many offers expired. As many statements for one tender as for many.

    An invitation ends with its own time, a named price with the pick-up. Tenders somebody works on wait for the next
    sweep's turn: rows are locked shipments first, as everywhere.
    """
    over = Q(offers__status=states.INVITED, offers__expires_at__lte=at) | Q(pickup_until_at__lte=at)
    due = set(Tender.objects.filter(over, status=states.OPEN).values_list("pk", flat=True)[:MOST])
    if not due:
        return 0
    lock(Shipment.objects.filter(pk__in=tenders.shipment_ids(due)))
    held = [made for made in lock(Tender.objects.filter(pk__in=due)) if made.status == states.OPEN]
    ended = lock(
        tenders.live(made.pk for made in held).filter(
            Q(status=states.INVITED, expires_at__lte=at) | Q(tender__pickup_until_at__lte=at)
        )
    )
    close(ended, "expire", by=by, at=at)
    ask_on(held, by=by, at=at)
    return len(ended)


def ask_on(held: Sequence[Tender], *, by: Actor, at: datetime) -> None:
    """Ask who is next in tenders the caller holds, where nobody may win any more; where nobody is left, they lapse."""
    alive = set(tenders.live(made.pk for made in held).values_list("tender", flat=True))
    waiting = [made for made in held if made.status == states.OPEN and made.pk not in alive]
    asked = [made for made in waiting if made.queue and made.pickup_until_at > at]
    lapsed = [made for made in waiting if not (made.queue and made.pickup_until_at > at)]
    if asked:
        _invite(asked, by=by, at=at)
    if lapsed:
        advance_all(lapsed, "lapse", by=by, at=at)
        give_back(lapsed, by=by, at=at, reason="")
        publish(
            *(
                TenderLapsed(
                    occurred_at=at,
                    tender_id=made.pk,
                    number=made.number,
                    warehouse_site_id=made.warehouse_site_id,
                )
                for made in lapsed
            )
        )


def _invite(asked: Sequence[Tender], *, by: Actor, at: datetime) -> None:
    last = dict(
        Offer.objects.filter(tender__in=asked)
        .values("tender")
        .annotate(last=Max("rank"))
        .values_list("tender", "last")
    )
    invited: list[Offer] = []
    left: list[tuple[UUID, int]] = []
    for made in asked:
        count = len(made.queue) if made.mode == Tender.Mode.BROADCAST else 1
        until = min(at + timedelta(minutes=made.answer_minutes), made.pickup_until_at)
        for rank, turn in enumerate(made.queue[:count], last.get(made.pk, 0) + 1):
            invited.append(
                Offer(
                    id=uuid7(), number=f"{made.number}/{rank}", tender=made, carrier_id=turn["carrier"], rank=rank,
                    reasons=turn["reasons"], expires_at=until, price=made.price, created_at=at, updated_at=at,
                )
            )  # fmt: skip
        made.queue = made.queue[count:]
        left.append((made.pk, count))
    Offer.objects.bulk_create(invited)
    record(((offer, "invite", "", states.INVITED) for offer in invited), by=by, at=at)
    columns = {"id": "uuid", "taken": "integer"}
    execute(
        f"""
        UPDATE logistics_tender tender SET queue = coalesce((
            SELECT jsonb_agg(turn ORDER BY place) FROM jsonb_array_elements(tender.queue)
                WITH ORDINALITY AS waiting(turn, place) WHERE place > given.taken), '[]')
        FROM {unnest(columns)} WHERE tender.id = given.id
        """,
        transpose(list(columns), left),
    )
    publish(
        *(
            OfferInvited(
                occurred_at=at, offer_id=offer.pk, number=offer.number, carrier_id=offer.carrier_id,
                expires_at=offer.expires_at, weight_g=offer.tender.weight_g, volume_cm3=offer.tender.volume_cm3,
                price=offer.price, currency=offer.tender.currency,
            )
            for offer in invited
        )
    )  # fmt: skip


def close(offers: Sequence[Offer], verb: str, *, by: Actor, at: datetime, reason: str = "") -> None:
    """End offers the caller holds by one verb, and tell their carriers."""
    if not offers:
        return
    advance_all(offers, verb, by=by, at=at, reason=reason)
    publish(
        *(
            OfferClosed(
                occurred_at=at, offer_id=offer.pk, number=offer.number, carrier_id=offer.carrier_id,
                status=offer.status, reason=reason,
            )
            for offer in offers
        )
    )  # fmt: skip


def give_back(over: Sequence[Tender], *, by: Actor, at: datetime, reason: str) -> None:
    """Let the shipments of tenders that are over wait again, and end the offers that still lived."""
    close(lock(tenders.live(made.pk for made in over)), "lose", by=by, at=at, reason=reason)
    shipments = lock(Shipment.objects.filter(pk__in=tenders.shipment_ids(made.pk for made in over)))
    advance_all(shipments, "release", by=by, at=at, reason=reason)
