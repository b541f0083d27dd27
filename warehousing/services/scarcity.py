"""Let nobody overtake where less is there than was promised."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from warehousing import ports
from warehousing.policies import scarcity
from warehousing.policies.scarcity import Open
from warehousing.ports import ShortClaim
from warehousing.selectors import scarce


def limits(book_ids: Collection[int], *, at: datetime) -> dict[int, int]:
    """Return promise -> base units it may have in all, for all promises of scarce books.

    The goods are shared over all that is promised of them, whether it is in this wave or not, by the policy that orders
    declares for the cycle or category they belong to. A promise that has more reserved already keeps it.
    """
    today = at.date()
    there = scarce.supply(book_ids, today=today)
    by_book: dict[int, list[scarce.OpenPromise]] = {key: [] for key in book_ids}
    open_promises = scarce.promises(book_ids, today=today)
    for one in open_promises:
        by_book[one.book_id].append(one)
    divide = ports.sharing().sharing_of({one.order_line_id for one in open_promises})
    found: dict[int, int] = {}
    for key, promises in by_book.items():
        claims = {
            one.promise_id: ShortClaim(one.order_line_id, one.dealer_id, one.quantity, place)
            for place, one in enumerate(promises)
        }

        def share(quantity: int, group: Sequence[Open], claims: dict[int, ShortClaim] = claims) -> list[int]:
            return divide(quantity, [claims[one.key]._replace(requested=one.quantity) for one in group])

        open_ = [Open(one.promise_id, one.quantity, one.day) for one in promises]
        found |= scarcity.caps(there[key], open_, share)
    return found
