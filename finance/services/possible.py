"""What a party can get on assets of its own, from which programme, and why not more."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils import timezone

from b2b.core.actor import Actor, acting_as, system
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from finance.models import Programme, SupplierInvoice, Voucher
from finance.policies.technique import TECHNIQUES
from finance.selectors import financeable
from finance.selectors.financeable import Asking, Asset
from finance.services import chart
from finance.services.financing_quote import Quote, quote
from finance.services.financing_request import UnknownAsset

DESK: Final = system("financing")
PURCHASES: Final = [kind for kind, known in TECHNIQUES.items() if known.is_purchase]


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


@unit_of_work()
def paid_now(by: Actor, *, at: datetime, most: int = 50) -> list[tuple[Asset, Quote | None]]:
    """Return the bills and vouchers a factory could be paid for now, each with the offer that pays out most, if any.

    Bills that are approved and vouchers in its hands, what is due first in front. Who pays them is the platform, so
    that no score is asked for: a constant number of statements.
    """
    with acting_as(DESK):
        borrower = Organization.objects.filter(pk=by.organization_id or 0).first()
        if borrower is None:
            return []
        asking = Asking(borrower, chart.seller(), timezone.localtime(at).date())
        owed = SupplierInvoice.objects.filter(factory=borrower, status="APPROVED", open_amount__gt=0)
        held = Voucher.objects.filter(holder=borrower, status="HELD").select_related("root__issuer")
        assets = [
            *financeable.bills(list(owed.order_by("due_date", "pk")[:most]), asking),
            *financeable.vouchers(list(held.order_by("root__due_date", "pk")[:most]), asking),
        ]
        programmes = Programme.objects.filter(
            status="OPEN", borrower_kind=borrower.kind, kind__in=PURCHASES
        ).select_related("funder")
        open_programmes = list(programmes.order_by("pk"))
        return [(asset, _best(open_programmes, asset, at=at)) for asset in assets]


def _best(programmes: list[Programme], asset: Asset, *, at: datetime) -> Quote | None:
    fitting = [
        one
        for one in programmes
        if asset.kind in TECHNIQUES[one.kind].assets and one.currency == asset.currency
    ]
    offers = [one for one in (quote(each, asset, at=at) for each in fitting) if one.answer.is_offer]
    return max(offers, key=lambda one: one.paid_out - one.answer.fee, default=None)
