"""What a party can get on an asset of its own, from which programme, and why not more."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils import timezone

from b2b.core.actor import Actor, acting_as, system
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from finance.models import Programme
from finance.policies.technique import TECHNIQUES
from finance.selectors import financeable
from finance.selectors.financeable import Asking
from finance.services import chart
from finance.services.financing_quote import Quote, quote
from finance.services.financing_request import UnknownAsset

DESK: Final = system("financing")


@unit_of_work()
def quotes(asset_kind: str, asset_key: str, *, by: Actor, at: datetime) -> list[Quote]:
    """Return what each open programme for the asset would offer now, what pays out most first; refusals last.

    Nothing is held or claimed; only the score it rests on is kept.

    :raises UnknownAsset: when the actor has no such asset.
    """
    with acting_as(DESK):
        borrower = Organization.objects.filter(pk=by.organization_id or 0).first()
        if borrower is None:
            raise UnknownAsset
        asking = Asking(borrower, chart.seller(), timezone.localtime(at).date())
        asset = financeable.find(asset_kind, asset_key, asking)
        if asset is None:
            raise UnknownAsset(f"{borrower.code} has no such {asset_kind.lower().replace('_', ' ')}")
        kinds = [kind for kind, known in TECHNIQUES.items() if asset_kind in known.assets]
        asked = Programme.objects.filter(
            status="OPEN", borrower_kind=borrower.kind, currency=asset.currency, kind__in=kinds
        ).select_related("funder")
        found = [quote(programme, asset, at=at) for programme in asked.order_by("pk")]
        return sorted(found, key=lambda one: (not one.answer.is_offer, -one.paid_out + one.answer.fee))
