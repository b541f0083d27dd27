"""How products are counted on documents that others write: by piece, by pack, and by which GTINs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from b2b.catalog.models import Packaging, Product

# Codes of UN/ECE Rec. 20 that all mean a piece.
PIECES: Final = frozenset({"EA", "C62", "H87", "PCE", "NAR"})


@dataclass(frozen=True, slots=True)
class Packs:
    """The packs of products by code, and every GTIN that is theirs or of a pack of theirs, without leading zeros."""

    by_product: Mapping[int, Mapping[str, Packaging]]
    gtins: Mapping[int, frozenset[str]]

    @classmethod
    def of(cls, products: Iterable[Product]) -> Packs:
        """Read them; one statement."""
        known = {product.pk: product for product in products}
        packs: dict[int, dict[str, Packaging]] = defaultdict(dict)
        for pack in Packaging.objects.filter(product_id__in=known):
            packs[pack.product_id][pack.code] = pack
        gtins = {
            key: frozenset(
                bare_gtin(gtin)
                for gtin in (product.gtin, *(pack.gtin for pack in packs.get(key, {}).values()))
                if gtin
            )
            for key, product in known.items()
        }
        return cls(packs, gtins)

    def units(self, product: Product, code: str) -> int:
        """Return how many base units a unit of the product is; 0 for a unit that is not the product's."""
        base = product.base_unit
        if code in ("", base) or (code in PIECES and base in PIECES):
            return 1
        pack = self.by_product.get(product.pk, {}).get(code)
        return pack.units if pack else 0

    def codes(self, product: Product) -> str:
        """Name the units the product is counted in."""
        return ", ".join([product.base_unit, *self.by_product.get(product.pk, {})])


def bare_gtin(gtin: str) -> str:
    """Return a GTIN as a number: GTIN-8, -12, -13 and -14 of one product differ by leading zeros only."""
    return gtin.lstrip("0")
