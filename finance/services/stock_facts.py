"""Keep what was told of the platform's own stock, and value what it touches."""

from __future__ import annotations

from datetime import datetime

from b2b.contracts.warehousing import StockMoved
from b2b.core.actor import Actor
from b2b.core.errors import NotYet
from b2b.db.bulk import fetch, transpose
from b2b.db.transactions import unit_of_work
from finance.models import PurchaseTerms
from finance.services import valuation
from finance.services import valuation_sql as sql


class PurchaseTermsMissing(NotYet):
    """The prices of a received purchase order have not arrived."""

    code = "purchase_terms_missing"


@unit_of_work()
def record(moved: StockMoved, *, by: Actor, at: datetime) -> int:
    """Keep movements and value them; return how many are new. Told again, change nothing.

    A movement that takes another back, and the one it takes back, count for nothing from now on, whichever comes first.

    :raises PurchaseTermsMissing: when the price of received goods is not known yet.
    """
    lines = {line.purchase_order_line_id for line in moved.lines if line.purchase_order_line_id is not None}
    known = PurchaseTerms.objects.filter(pk__in=lines).values_list("pk", flat=True) if lines else ()
    missing = sorted(lines - set(known))
    if missing:
        raise PurchaseTermsMissing(f"no prices for purchase order lines {missing[:10]}", lines=missing)
    valuation.begin()
    given = {
        **transpose(list(sql.FACT), ([getattr(line, name) for name in sql.FACT] for line in moved.lines)),
        "document_type": moved.document_type,
        "effective_at": moved.occurred_at,
        "recorded_at": moved.recorded_at,
    }
    fresh = [key for (key,) in fetch(sql.RECORD, given)]
    if not fresh:
        return 0
    turned = [key for (key,) in fetch(sql.VOID, {"fresh": fresh})]
    valuation.revalue({*fresh, *turned}, by=by, at=at)
    return len(fresh)
