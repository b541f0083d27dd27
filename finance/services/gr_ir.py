"""Goods received, not invoiced: what factories are owed from the moment the goods are in the warehouse."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from django.utils import timezone

from b2b.core.actor import Actor
from b2b.core.money import exponent
from b2b.db.bulk import fetch
from b2b.db.locks import lock
from b2b.db.transactions import require_transaction
from finance.models import ClearingCorrection, PurchaseTerms
from finance.policies.chart import GOODS_RECEIVED, MAIN, PRICE_VARIANCE
from finance.policies.entry import Entry, Line, entry_id
from finance.policies.three_way_match import correction
from finance.selectors import supplier_invoice
from finance.services import chart, ledger, three_way_match
from finance.services.chart import Wanted

# What is accrued of a movement follows its worth; the entry is that which booked it last.
ACCRUE: Final = """
INSERT INTO finance_goodsaccrual (movement_id, terms_id, factory_id, quantity, amount, entry_id)
SELECT moved.id, terms.purchase_order_line_id, terms.factory_id,
    CASE WHEN moved.is_void THEN 0 ELSE moved.quantity END - coalesce(known.quantity, 0),
    (moved.value + moved.absorbed - moved.extra) / power(10::numeric, %(decimals)s) - coalesce(known.amount, 0),
    booked.entry_id
FROM finance_stockmovement moved
JOIN finance_purchaseterms terms ON terms.purchase_order_line_id = moved.purchase_order_line_id
LEFT JOIN LATERAL (
    SELECT sum(quantity)::bigint AS quantity, sum(amount) AS amount FROM finance_goodsaccrual one
    WHERE one.movement_id = moved.id) known ON true
LEFT JOIN LATERAL (
    SELECT entry_id FROM finance_stockvalueentry one WHERE one.movement_id = moved.id
    ORDER BY one.id DESC LIMIT 1) booked ON true
WHERE moved.id = ANY(%(movements)s)
    AND (CASE WHEN moved.is_void THEN 0 ELSE moved.quantity END <> coalesce(known.quantity, 0)
        OR moved.value + moved.absorbed - moved.extra <> coalesce(known.amount, 0) * power(10::numeric, %(decimals)s))
ORDER BY moved.id RETURNING id, terms_id
"""


def accrue(movements: Collection[int], currency: str, *, by: Actor, at: datetime) -> int:
    """Keep what received goods of each purchase line are worth, by what it changed; return how many changed.

    Bills that waited for these goods are matched again. Where goods were billed already, what was cleared for them
    follows their value, and the difference is price variance. Rejected goods never come here: they are not owed.
    """
    require_transaction()
    if not movements:
        return 0
    rows = fetch(ACCRUE, {"movements": list(movements), "decimals": exponent(currency)})
    if rows:
        lines = {terms_id for _, terms_id in rows}
        # A bill that is being matched right now holds the terms: whoever comes second sees what the first wrote.
        lock(PurchaseTerms.objects.filter(pk__in=lines).only("pk"))
        _correct(lines, max(key for key, _ in rows), by=by, at=at)
        three_way_match.match_waiting(lines, by=by, at=at)
    return len(rows)


def _correct(lines: Collection[int], newest: int, *, by: Actor, at: datetime) -> None:
    """Clear goods that were billed at what they are worth now."""
    standings = supplier_invoice.standings(lines)
    amounts = {key: correction(standing) for key, standing in standings.items()}
    amounts = {key: amount for key, amount in sorted(amounts.items()) if amount}
    if not amounts:
        return
    terms = PurchaseTerms.objects.in_bulk(amounts)
    entry = _entry(((terms[key], amount) for key, amount in amounts.items()), newest, at=at)
    ledger.post_late([entry], by=by)
    ClearingCorrection.objects.bulk_create(
        ClearingCorrection(
            terms=terms[key], factory_id=terms[key].factory_id, amount=amount, entry_id=entry.id
        )
        for key, amount in amounts.items()
    )


def _entry(amounts: Iterable[tuple[PurchaseTerms, int]], newest: int, *, at: datetime) -> Entry:
    legs = []
    for terms, amount in amounts:
        dimension = f"purchase_order_line:{terms.pk}"
        legs += [
            (Wanted(GOODS_RECEIVED, terms.currency, terms.factory_id), amount, dimension),
            (Wanted(PRICE_VARIANCE, terms.currency), -amount, dimension),
        ]
    keys = chart.accounts(account for account, *_ in legs)
    return Entry(
        id=entry_id("clearing_correction", newest),
        book_id=chart.books()[MAIN],
        kind="clearing_correction",
        effective_date=timezone.localtime(at).date(),
        booked_at=at,
        lines=tuple(Line(keys[account], amount, dimension) for account, amount, dimension in legs),
    )
