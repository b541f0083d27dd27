"""Of which logistic units a partner may speak: its own, and those it sent, received or carried."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from b2b.core.actor import Actor
from b2b.core.epcis import uris
from b2b.db.bulk import fetch

_UNIT: Final = f"{uris.ROOT}/00/"
# Its own company prefix; a unit, or one within it, that it advised or that was packed for it; what we told it of.
_KNOWN: Final = """
WITH RECURSIVE given AS (SELECT unnest(%(codes)s::text[]) AS code),
within(code, unit_id, sscc, steps) AS (
    SELECT given.code, unit.id, unit.sscc, 0 FROM given JOIN warehousing_handlingunit unit ON unit.sscc = given.code
    UNION ALL
    SELECT within.code, child.id, child.sscc, within.steps + 1
    FROM within JOIN warehousing_handlingunit child ON child.parent_id = within.unit_id WHERE within.steps < 20
)
SELECT given.code FROM given WHERE EXISTS (
    SELECT FROM directory_organization party WHERE party.id = %(party)s AND party.gs1_prefix <> ''
    AND substr(given.code, 2, length(party.gs1_prefix)) = party.gs1_prefix)
UNION
SELECT line.sscc FROM given JOIN warehousing_receiptline line ON line.sscc = given.code AND line.sscc <> ''
JOIN warehousing_receipt receipt ON receipt.id = line.receipt_id AND receipt.factory_id = %(party)s
UNION
SELECT within.code FROM within JOIN warehousing_receiptline line ON line.sscc = within.sscc AND line.sscc <> ''
JOIN warehousing_receipt receipt ON receipt.id = line.receipt_id AND receipt.factory_id = %(party)s
UNION
SELECT within.code FROM within JOIN warehousing_package package ON package.handling_unit_id = within.unit_id
WHERE package.dealer_id = %(party)s
UNION
SELECT given.code FROM given JOIN warehousing_epcismention mention ON mention.uri = %(unit)s || given.code
JOIN warehousing_epcisevent event ON event.id = mention.event_key AND event.event_time = mention.event_time
WHERE event.captured_by_id IS NULL AND %(party)s IN (event.dealer_id, event.factory_id, event.carrier_id)
"""


def strange(actor: Actor, named: Collection[str]) -> set[str]:
    """Return the URIs of units among these that an actor has nothing to do with; none for operators. One statement."""
    codes = sorted(uri.removeprefix(_UNIT) for uri in named if uri.startswith(_UNIT))
    if actor.sees_all or not codes:
        return set()
    asked = {"codes": codes, "party": actor.organization_id, "unit": _UNIT}
    known = {code for (code,) in fetch(_KNOWN, asked)}
    return {f"{_UNIT}{code}" for code in codes if code not in known}
