"""Give logistic units their codes."""

from __future__ import annotations

import secrets

from b2b.db.bulk import fetch
from b2b.db.transactions import require_transaction
from warehousing.models import Warehouse
from warehousing.policies import sscc

KEY_BYTES = 16

TAKE = """
INSERT INTO warehousing_ssccseries AS series (prefix, extension, last_number, key)
VALUES (%(prefix)s, %(extension)s, %(count)s, %(key)s)
ON CONFLICT (prefix, extension) DO UPDATE SET last_number = series.last_number + excluded.last_number
RETURNING last_number, key
"""


def take(house: Warehouse, count: int = 1) -> list[str]:
    """Return so many new SSCCs of a warehouse's company prefix and extension digit; one statement.

    Codes of one series are handed out one transaction after the other, so take them late; a rolled-back transaction
    gives them back, since nobody has seen them.

    :raises NoTransaction: outside a unit of work. :raises SerialsExhausted: when the series has not so many left.
    """
    require_transaction()
    if count < 1:
        raise ValueError("take at least one code")
    given = {
        "prefix": house.gs1_prefix,
        "extension": house.sscc_extension,
        "count": count,
        "key": secrets.token_bytes(KEY_BYTES),
    }
    [(last, key)] = fetch(TAKE, given)
    room = sscc.room_of(house.gs1_prefix)
    return [
        sscc.build(house.gs1_prefix, house.sscc_extension, sscc.scatter(number, room, bytes(key)))
        for number in range(last - count + 1, last + 1)
    ]
