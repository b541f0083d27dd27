"""Recalls, for whom they concern."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from b2b.core.actor import Actor
from b2b.core.errors import NotFound
from b2b.db.bulk import fetch
from warehousing.models import Recall, RecallFinding, RecallNotice

# What dealers sent back of recalled lots since they were told.
_CAME_BACK = """
SELECT notice.id, coalesce(sum(line.received_quantity), 0)::bigint
FROM warehousing_recallnotice notice JOIN warehousing_recall_lots named ON named.recall_id = notice.recall_id
JOIN warehousing_returnreceipt receipt ON receipt.dealer_id = notice.dealer_id AND receipt.received_at >= notice.told_at
JOIN warehousing_returnreceiptline line ON line.receipt_id = receipt.id AND line.lot_id = named.lot_id
WHERE notice.recall_id = %(recall_id)s GROUP BY notice.id
"""


def visible(actor: Actor) -> QuerySet[Recall]:
    """Return recalls with their lots and notices, newest first: operators see all, dealers those of their goods."""
    return (
        Recall.objects.visible_to(actor)
        .prefetch_related(
            "lots__product",
            Prefetch(
                "notices", RecallNotice.objects.visible_to(actor).select_related("dealer").order_by("pk")
            ),
        )
        .order_by("-pk")
    )


def notices(actor: Actor) -> QuerySet[RecallNotice]:
    """Return notices with their recalls, newest first: a dealer its own."""
    return RecallNotice.objects.visible_to(actor).select_related("recall", "dealer").order_by("-pk")


def dealer_of(actor: Actor, recall_id: UUID, code: str) -> int | None:
    """Return the key of a dealer who was told of a recall, by its code; none for no code.

    :raises NotFound: when the actor sees no notice of that dealer.
    """
    if not code:
        return None
    found = (
        notices(actor)
        .filter(recall_id=recall_id, dealer__code=code)
        .values_list("dealer_id", flat=True)
        .first()
    )
    if found is None:
        raise NotFound(f"{code} was told nothing of this recall")
    return int(found)


def came_back(recall: Recall) -> dict[str, int]:
    """Return notice -> base units of the recalled lots received back since it was told."""
    return {str(key): quantity for key, quantity in fetch(_CAME_BACK, {"recall_id": recall.pk})}


def findings(actor: Actor) -> QuerySet[RecallFinding]:
    """Return what was found at recalls, for operators."""
    found = RecallFinding.objects.select_related("recall")
    return found.order_by("-pk") if actor.sees_all else found.none()
