"""What the things a movement names are called in EPCIS: one statement for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from b2b.core.epcis import uris
from b2b.db.bulk import fetch
from warehousing.models import Location
from warehousing.policies.epcis_events import Moved, Names, Paper, Place

_NAMES: Final = """
SELECT 'product', id::text, gtin, sku, base_unit, '', '' FROM catalog_product WHERE id = ANY(%(products)s)
UNION ALL SELECT 'place', place.id::text, place.kind, place.code, house.code, site.gln, site.time_zone
    FROM warehousing_location place JOIN warehousing_warehouse house ON house.id = place.warehouse_id
    JOIN directory_site site ON site.id = house.site_id WHERE place.id = ANY(%(places)s)
"""
_LOTS: Final = """
UNION ALL SELECT 'lot', id::text, number, '', '', '', '' FROM warehousing_lot WHERE id = ANY(%(lots)s)
"""
_UNITS: Final = """
UNION ALL SELECT 'unit', id::text, sscc, '', '', '', '' FROM warehousing_handlingunit WHERE id = ANY(%(units)s)
"""
_SERIALS: Final = """
UNION ALL SELECT 'serial', id::text, number, '', '', '', '' FROM warehousing_serial WHERE id = ANY(%(serials)s)
"""
# Only documents that concern a party have more to tell than their key.
_PAPERS: Final[dict[str, str]] = {
    "receipt": """
UNION ALL SELECT 'receipt', paper.id::text, party.id || ' ' || party.code, party.gln, paper.number,
    paper.purchase_order_number, paper.despatch_advice_number
    FROM warehousing_receipt paper JOIN directory_organization party ON party.id = paper.factory_id
    WHERE paper.id = ANY(%(papers)s)
""",
    "package": """
UNION ALL SELECT 'package', paper.id::text, party.id || ' ' || party.code, party.gln, '', '', ''
    FROM warehousing_package paper JOIN directory_organization party ON party.id = paper.dealer_id
    WHERE paper.id = ANY(%(papers)s)
""",
    "return_receipt": """
UNION ALL SELECT 'return_receipt', paper.id::text, party.id || ' ' || party.code, party.gln, paper.number,
    paper.source_number, ''
    FROM warehousing_returnreceipt paper JOIN directory_organization party ON party.id = paper.dealer_id
    WHERE paper.id = ANY(%(papers)s)
""",
}


def of_moves(moves: Sequence[Moved], *, document_type: str, at: datetime) -> Names:
    """Return the names of all that these movements touch."""
    return of_keys(
        at=at,
        products={move.product_id for move in moves},
        places={key for move in moves for key in (move.source_id, move.destination_id)},
        lots={move.lot_id for move in moves},
        units={key for move in moves for key in (move.unit_id, move.into_unit_id)},
        serials={move.serial_id for move in moves},
        papers={move.document_id for move in moves},
        document_type=document_type,
    )


def of_keys(
    *,
    at: datetime,
    products: Iterable[int] = (),
    places: Iterable[int] = (),
    lots: Iterable[int | None] = (),
    units: Iterable[int | None] = (),
    serials: Iterable[int | None] = (),
    papers: Iterable[UUID] = (),
    document_type: str = "",
) -> Names:
    """Return the names of these keys; papers are of one document type."""
    given: dict[str, Any] = {"products": list(products), "places": list(places), "papers": list(papers)}
    statement = _NAMES + _PAPERS.get(document_type, "")
    for name, keys, part in (("lots", lots, _LOTS), ("units", units, _UNITS), ("serials", serials, _SERIALS)):
        given[name] = [key for key in keys if key is not None]
        if given[name]:
            statement += part
    names = Names({}, {}, {}, {}, {}, {})
    found: dict[str, Any] = {"lot": names.lots, "unit": names.units, "serial": names.serials}
    for what, key, one, two, three, four, five in fetch(statement, given):
        if what in found:
            found[what][int(key)] = one
        elif what == "product":
            names.products[int(key)] = (one, two, three)  # type: ignore[index]
        elif what == "place":
            names.places[int(key)] = _place(one, two, three, four, five, at)  # type: ignore[index]
        else:
            names.papers[UUID(key)] = _paper(what, one, two, three, four, five)  # type: ignore[index]
    return names


def _place(kind: str, code: str, house: str, gln: str, zone: str, at: datetime) -> Place:
    shift = at.astimezone(ZoneInfo(zone)).strftime("%z")
    return Place(
        kind=kind,
        uri=uris.place(gln, house, code),
        house_uri=uris.place(gln, house),
        is_real=kind not in Location.VIRTUAL,
        offset=f"{shift[:3]}:{shift[3:5]}",
    )


def _paper(what: str, party: str, gln: str, number: str, first: str, second: str) -> Paper:
    key, _, code = party.partition(" ")
    uri = uris.party(gln, code)
    if what == "receipt":
        papers = (("recadv", number), ("po", first), ("desadv", second))
        return Paper(factory_id=int(key), factory_uri=uri, transactions=_told(papers))
    back = (("recadv", number), ("rma", first)) if what == "return_receipt" else ()
    return Paper(dealer_id=int(key), dealer_uri=uri, transactions=_told(back))


def _told(papers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((kind, uris.private("bt", kind, number)) for kind, number in papers if number)
