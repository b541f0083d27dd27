"""Goods received, not invoiced: what factories are owed from the moment the goods are in the warehouse."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from b2b.contracts.warehousing import ReceivedLine
from b2b.core.actor import Actor
from b2b.core.errors import NotYet
from b2b.core.money import Money
from b2b.db.locks import advisory_lock
from b2b.db.transactions import unit_of_work
from finance.models import GoodsAccrual, PurchaseTerms
from finance.policies import tax
from finance.policies.chart import GOODS_RECEIVED, INVENTORY, MAIN
from finance.policies.entry import Entry, Line, entry_id
from finance.services import chart, ledger
from finance.services.chart import Wanted


class PurchaseTermsMissing(NotYet):
    """The prices of a received purchase order have not arrived."""

    code = "purchase_terms_missing"


@unit_of_work()
def accrue(
    *, receipt_id: UUID, number: str, lines: Iterable[ReceivedLine], by: Actor, at: datetime
) -> list[GoodsAccrual]:
    """Value accepted goods at their purchase price: inventory against goods received; once per receipt.

    Rejected goods are not owed. Each line's amount carries the purchase order line as dimension, so that it can be
    cleared by the factory's invoice.

    :raises PurchaseTermsMissing: when a line's price is not known yet.
    """
    advisory_lock(f"finance.accrual:{receipt_id}")
    known = list(GoodsAccrual.objects.filter(receipt_id=receipt_id))
    if known:
        return known
    quantities: dict[int, int] = {}
    for line in lines:
        if line.accepted_quantity > 0:
            key = line.purchase_order_line_id
            quantities[key] = quantities.get(key, 0) + line.accepted_quantity
    terms = PurchaseTerms.objects.in_bulk(quantities)
    missing = sorted(set(quantities) - set(terms))
    if missing:
        raise PurchaseTermsMissing(f"no prices for purchase order lines {missing[:10]}", lines=missing)
    if not quantities:
        return []
    entry = entry_id("goods_received", receipt_id)
    accruals = [
        GoodsAccrual(
            receipt_id=receipt_id,
            receipt_number=number,
            terms=terms[key],
            factory_id=terms[key].factory_id,
            quantity=quantity,
            amount=tax.line_net(quantity, terms[key].unit_price, terms[key].currency),
            entry_id=entry,
        )
        for key, quantity in sorted(quantities.items())
    ]
    ledger.post([_entry(entry, receipt_id, accruals, at=at)], by=by)
    return GoodsAccrual.objects.bulk_create(accruals)


def _entry(key: UUID, receipt_id: UUID, accruals: list[GoodsAccrual], *, at: datetime) -> Entry:
    pairs = {
        (accrual.terms.currency, accrual.factory_id): (
            Wanted(INVENTORY, accrual.terms.currency),
            Wanted(GOODS_RECEIVED, accrual.terms.currency, accrual.factory_id),
        )
        for accrual in accruals
    }
    keys = chart.accounts(one for pair in pairs.values() for one in pair)
    lines = []
    for accrual in accruals:
        stock, owed = pairs[accrual.terms.currency, accrual.factory_id]
        minor = Money(accrual.amount, accrual.terms.currency).minor
        dimension = f"purchase_order_line:{accrual.terms_id}"
        if minor:
            lines += [Line(keys[stock], minor, dimension), Line(keys[owed], -minor, dimension)]
    return Entry(
        id=key,
        book_id=chart.books()[MAIN],
        kind="goods_received",
        effective_date=timezone.localtime(at).date(),
        booked_at=at,
        lines=tuple(lines),
        source_type="receipt",
        source_id=str(receipt_id),
    )
