"""What secures money already: one asset, one financing, whatever paper about the same goods is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Final
from uuid import UUID

from django.db.models import Q

from b2b.db.bulk import fetch
from finance.models import FinancedAsset
from finance.policies.technique import BILL, PURCHASE_ORDER, STOCK

# Of each bill the purchase orders of its goods, and the bill itself, as far as they are financed.
_OF_BILLS: Final = f"""
    WITH papers AS (
        SELECT id AS bill, '{BILL}' AS kind, id::text AS key FROM finance_supplierinvoice
        WHERE id = ANY(%(bills)s)
        UNION
        SELECT line.invoice_id, '{PURCHASE_ORDER}', terms.purchase_order_id::text
        FROM finance_supplierinvoiceline line
        JOIN finance_purchaseterms terms ON terms.purchase_order_line_id = line.terms_id
        WHERE line.invoice_id = ANY(%(bills)s)
    )
    SELECT papers.bill, papers.kind, asked.asset_number FROM papers
    JOIN finance_financingrequest asked ON asked.asset_kind = papers.kind AND asked.asset_key = papers.key
    JOIN finance_financing one ON one.request_id = asked.id
    JOIN finance_financedasset asset ON asset.financing_id = one.id AND asset.released_at IS NULL
    WHERE papers.kind = ANY(%(kinds)s)
    ORDER BY 1, 2, 3
"""


def live(fingerprints: Collection[str]) -> set[str]:
    """Return which assets secure money now; goods are left out, as they are pledged by the unit. One statement."""
    found = FinancedAsset.objects.filter(~Q(kind=STOCK), fingerprint__in=fingerprints, released_at=None)
    return set(found.values_list("fingerprint", flat=True))


def of_bills(bills: Collection[UUID], *kinds: str) -> dict[UUID, list[str]]:
    """Say by bill which papers of `kinds` for its goods are financed; one statement."""
    said = defaultdict(list)
    for bill, kind, number in fetch(_OF_BILLS, {"bills": list(bills), "kinds": list(kinds)}):
        said[bill].append(_name(kind, number))
    return said


def under(kind: str, keys: Iterable[UUID]) -> list[str]:
    """Say which papers are financed that are about the same goods: an order and its invoice are one thing."""
    found = FinancedAsset.objects.filter(
        kind=kind, released_at=None, financing__request__asset_key__in={str(key) for key in keys}
    ).values_list("financing__request__asset_number", flat=True)
    return [_name(kind, number) for number in sorted(found)]


def _name(kind: str, number: str) -> str:
    return f"{kind.lower().replace('_', ' ')} {number} for the same goods is financed"
