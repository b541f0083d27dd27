"""Which of our lots, units and products the URIs in events name."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from b2b.core.epcis import uris
from b2b.db.bulk import fetch

_LOTS: Final = """
SELECT product.gtin, product.sku, lot.number, lot.id
FROM warehousing_lot lot JOIN catalog_product product ON product.id = lot.product_id
WHERE (product.gtin = ANY(%(gtins)s) OR product.sku = ANY(%(skus)s)) AND lot.number = ANY(%(numbers)s)
"""
_UNITS: Final = "SELECT sscc, id FROM warehousing_handlingunit WHERE sscc = ANY(%(codes)s)"
# A product's own GTIN or SKU stands for one base unit, the GTIN of a pack for all that is in it.
_PRODUCTS: Final = """
SELECT gtin, sku, id, base_unit, 1 FROM catalog_product WHERE gtin = ANY(%(gtins)s) OR sku = ANY(%(skus)s)
UNION ALL SELECT pack.gtin, '', product.id, product.base_unit, pack.units
FROM catalog_packaging pack JOIN catalog_product product ON product.id = pack.product_id
WHERE pack.gtin = ANY(%(gtins)s)
"""
_PIECES: Final = frozenset({"", "EA", "H87", "C62"})  # UN/ECE Recommendation 20: each, piece, one


@dataclass(frozen=True, slots=True)
class Parts:
    """A class of goods taken apart: GTIN or SKU, and the lot where it names one."""

    gtin: str = ""
    sku: str = ""
    lot_number: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A product, and how many of its base units one of what was named is."""

    product_id: int
    base_unit: str
    units: int

    def is_counted_in(self, unit: str) -> bool:
        """Tell whether a quantity in a UN/ECE unit, empty for pieces, is one of what was named."""
        if self.units > 1:
            return unit in _PIECES
        return unit in ("", self.base_unit) or {unit, self.base_unit} <= _PIECES


def parts(uri: str) -> Parts:
    """Take a canonical URI of a class of goods apart."""
    private = f"{uris.PRIVATE}:class:"
    if uri.startswith(f"{uris.ROOT}/01/"):
        found = uri.removeprefix(f"{uris.ROOT}/01/").split("/")
        return Parts(gtin=found[0], lot_number=unquote(found[2]) if found[1:2] == ["10"] else "")
    if uri.startswith(private):
        sku, _, number = uri.removeprefix(private).partition(":")
        return Parts(sku=unquote(sku), lot_number=unquote(number))
    return Parts()


def keys(named: Collection[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Return URI -> lot and URI -> handling unit, of those that are known; two statements at most."""
    named_lots = [found for uri in named if (found := parts(uri)).lot_number]
    codes = [uri.rsplit("/", 1)[1] for uri in named if uri.startswith(f"{uris.ROOT}/00/")]
    lots: dict[str, int] = {}
    if named_lots:
        asked = {**_asked(named_lots), "numbers": [one.lot_number for one in named_lots]}
        for gtin, sku, number, key in fetch(_LOTS, asked):
            lots[uris.goods(gtin, sku, number)] = key
    units = {uris.unit(code): key for code, key in fetch(_UNITS, {"codes": codes})} if codes else {}
    return lots, units


def products(named: Collection[str]) -> dict[str, Named]:
    """Return URI -> product, by GTIN of the product or a pack, or by the private name of an SKU; one statement."""
    if not named:
        return {}
    asked = {uri: parts(uri) for uri in named}
    by_gtin: dict[str, Named] = {}
    by_sku: dict[str, Named] = {}
    for gtin, sku, key, base_unit, units in fetch(_PRODUCTS, _asked(asked.values())):
        found = Named(key, base_unit, units)
        if gtin:
            by_gtin.setdefault(gtin.zfill(14), found)
        if sku:
            by_sku[sku] = found
    known = {uri: by_gtin.get(one.gtin) or by_sku.get(one.sku) for uri, one in asked.items()}
    return {uri: one for uri, one in known.items() if one is not None}


def _asked(goods: Iterable[Parts]) -> dict[str, list[str]]:
    listed = list(goods)
    gtins = {short for one in listed if one.gtin for short in _gtins(one.gtin)}
    return {"gtins": sorted(gtins), "skus": sorted({one.sku for one in listed if one.sku})}


def _gtins(gtin: str) -> set[str]:
    """A GTIN is kept as long as it was entered: 8, 12, 13 or 14 digits."""
    return {gtin[14 - length :] for length in (8, 12, 13, 14) if not gtin[: 14 - length].strip("0")}
