"""Drop balances of nothing: of units that left, of lots that are used up, of places that goods went through."""

from __future__ import annotations

from typing import Final

from b2b.db.bulk import execute
from b2b.db.transactions import unit_of_work

MOST: Final = 20_000

# Reservations and picks keep naming the balance they were of. One that a movement holds is about to be filled again.
PRUNE: Final = """
DELETE FROM warehousing_quant quant USING (
    SELECT empty.id FROM warehousing_quant empty
    WHERE empty.on_hand = 0 AND empty.reserved = 0
        AND NOT EXISTS (SELECT FROM warehousing_reservation kept WHERE kept.quant_id = empty.id)
        AND NOT EXISTS (SELECT FROM warehousing_pick pick WHERE pick.quant_id = empty.id)
    ORDER BY empty.id LIMIT %(most)s FOR UPDATE OF empty SKIP LOCKED
) gone
WHERE quant.id = gone.id
"""


@unit_of_work()
def prune(*, most: int = MOST) -> int:
    """Delete balances that hold nothing and that nobody names, at most so many at once; return how many.

    The ledger tells what they once held; goods that come again get a balance anew. One statement.
    """
    return execute(PRUNE, {"most": most})
