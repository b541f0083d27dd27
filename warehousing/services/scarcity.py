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
    declares. A promise that has more reserved already keeps it.
    """
    today = at.date()
    there = scarce.supply(book_ids, today=today)
    by_book: dict[int, list[scarce.OpenPromise]] = {key: [] for key in book_ids}
    for one in scarce.promises(book_ids, today=today):
        by_book[one.book_id].append(one)
    found: dict[int, int] = {}
    for key, promises in by_book.items():
        dealer = {one.promise_id: one.dealer_id for one in promises}
        rank = {one.promise_id: place for place, one in enumerate(promises)}

        def share(
            quantity: int,
            group: Sequence[Open],
            dealer: dict[int, int] = dealer,
            rank: dict[int, int] = rank,
        ) -> list[int]:
            claims = [ShortClaim(dealer[one.key], one.quantity, rank[one.key]) for one in group]
            return ports.sharing().share_scarce(quantity, claims)

        open_ = [Open(one.promise_id, one.quantity, one.day) for one in promises]
        found |= scarcity.caps(there[key], open_, share)
    return found
