"""Share a cost over the goods that each dealer really received, to the cent and set by set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from b2b.contracts.returns import CostsLanded, CostsShared, LandedCost
from b2b.core.actor import Actor
from b2b.core.errors import NotYet
from b2b.core.geo import GeoPoint, great_circle_m
from b2b.db.bulk import execute, fetch, transpose
from b2b.db.locks import lock
from b2b.db.models import advance_all
from b2b.db.transactions import require_transaction, unit_of_work
from b2b.outbox.publish import publish
from orders.models import CostKind, CostVoucher, PurchaseOrder
from orders.selectors.cost_measure import SITES, SPLIT, WAYS

_OF_DEALERS: Final = """
    SELECT voucher_id, dealer_id, sum(amount) FROM orders_costshare
    WHERE voucher_id = ANY(%s) AND dealer_id IS NOT NULL GROUP BY voucher_id, dealer_id ORDER BY voucher_id, dealer_id
"""
_OF_LINES: Final = """
    SELECT share.voucher_id, peg.purchase_order_line_id, sum(share.amount) FROM orders_costshare share
    JOIN orders_peg peg ON peg.id = share.peg_id
    WHERE share.voucher_id = ANY(%s) GROUP BY 1, 2 ORDER BY 1, 2
"""
_SHARED: Final = "SELECT DISTINCT voucher_id FROM orders_costshare WHERE voucher_id = ANY(%s)"


class NothingReceived(NotYet):
    """No dealer has received goods that this cost could be shared over."""

    code = "nothing_received"


def split(vouchers: Sequence[CostVoucher], *, by: Actor, at: datetime) -> None:
    """Replace the shares of vouchers by new ones over what is received now, and publish CostsShared per dealer.

    Method: largest remainder in minor units, in SQL; a constant number of statements, whatever the pegs. The caller
    holds the vouchers and what they are about.

    :raises NothingReceived: when a voucher has nothing to be shared over; nothing is kept then.
    """
    require_transaction()
    if not vouchers:
        return
    keys = [voucher.pk for voucher in vouchers]
    before = {(voucher_id, dealer_id) for voucher_id, dealer_id, _ in fetch(_OF_DEALERS, [keys])}
    execute("DELETE FROM orders_costshare WHERE voucher_id = ANY(%s)", [keys])
    execute(SPLIT, {"vouchers": keys, "at": at, **transpose(list(SITES), _ways(keys))})
    shared = {key for (key,) in fetch(_SHARED, [keys])}
    bare = [voucher.number for voucher in vouchers if voucher.pk not in shared]
    if bare:
        raise NothingReceived(f"{', '.join(bare[:10])}: nothing received has this measure", vouchers=bare)
    advance_all(vouchers, "share", by=by, at=at, shared_at=at)
    now = {(voucher_id, dealer_id): amount for voucher_id, dealer_id, amount in fetch(_OF_DEALERS, [keys])}
    publish(*_told(vouchers, dict.fromkeys(before, Decimal(0)) | now, at), *landed(vouchers, at))


def relieved(vouchers: Sequence[CostVoucher], at: datetime) -> list[CostsShared]:
    """Return what is told to the dealers of vouchers whose shares are about to go: that they bear nothing."""
    keys = [voucher.pk for voucher in vouchers]
    none = {(voucher_id, dealer_id): Decimal(0) for voucher_id, dealer_id, _ in fetch(_OF_DEALERS, [keys])}
    return _told(vouchers, none, at)


def landed(vouchers: Sequence[CostVoucher], at: datetime) -> list[CostsLanded]:
    """Return what goods of each purchase line now bear of vouchers.

    What a shipment costs is not of their purchase, and what keeping them costs is no part of their worth (IAS 2.16).
    """
    bought = [one for one in vouchers if one.shipment_id is None and one.kind != CostKind.STORAGE]
    lines: dict[UUID, list[LandedCost]] = {voucher.pk: [] for voucher in bought}
    for voucher_id, line_id, amount in fetch(_OF_LINES, [list(lines)]) if bought else ():
        lines[voucher_id].append(LandedCost(purchase_order_line_id=line_id, amount=amount))
    return [
        CostsLanded(
            occurred_at=at,
            voucher_id=voucher.pk,
            number=voucher.number,
            version=voucher.version,
            kind=voucher.kind,
            currency=voucher.currency,
            lines=tuple(lines[voucher.pk]),
        )
        for voucher in bought
    ]


def _ways(keys: Sequence[UUID]) -> list[tuple[int, int, int]]:
    """Return (drop point, warehouse, great-circle metres) for vouchers shared by distance."""
    return [
        (shop, home, great_circle_m(GeoPoint(float(a), float(b)), GeoPoint(float(c), float(d))))
        for shop, home, a, b, c, d in fetch(WAYS, {"vouchers": list(keys)})
    ]


def _told(
    vouchers: Sequence[CostVoucher], amounts: dict[tuple[UUID, int], Decimal], at: datetime
) -> list[CostsShared]:
    known = {voucher.pk: voucher for voucher in vouchers}
    return [
        CostsShared(
            occurred_at=at,
            voucher_id=voucher_id,
            number=known[voucher_id].number,
            version=known[voucher_id].version,
            dealer_id=dealer_id,
            kind=known[voucher_id].kind,
            currency=known[voucher_id].currency,
            amount=amount,
        )
        for (voucher_id, dealer_id), amount in sorted(amounts.items())
    ]


@unit_of_work()
def follow_receipt(order: PurchaseOrder, *, by: Actor, at: datetime) -> None:
    """Share the vouchers of a purchase order and its cycle anew, because other goods turn out to have been received.

    The caller holds the purchase order.
    """
    shared = CostVoucher.objects.filter(status="SHARED")
    split(lock(shared.filter(purchase_order=order) | shared.filter(cycle_id=order.cycle_id)), by=by, at=at)


@unit_of_work()
def follow_delivery(shipment_id: UUID, *, by: Actor, at: datetime) -> None:
    """Share the vouchers of a shipment anew, because more of it turns out to have been delivered."""
    split(lock(CostVoucher.objects.filter(status="SHARED", shipment_id=shipment_id)), by=by, at=at)
