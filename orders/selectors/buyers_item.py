"""The article codes of dealers."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from b2b.core.actor import Actor
from b2b.db.bulk import fetch
from b2b.db.selectors import visible as _visible
from orders.models import BuyersItem


def visible(actor: Actor) -> QuerySet[BuyersItem]:
    """Return the codes an actor may see, with their products: a dealer its own, the operator all."""
    return _visible(actor, BuyersItem).select_related("product", "dealer")


def products(skus: Collection[str], gtins: Collection[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Return active products by SKU, and by GTIN of fourteen digits, their packs' too; one query."""
    padded = {form for gtin in gtins for form in (gtin, gtin.zfill(14), gtin.lstrip("0"))} - {""}
    rows = fetch(
        """
        SELECT id, sku, gtin FROM catalog_product WHERE is_active AND (sku = ANY(%(skus)s) OR gtin = ANY(%(gtins)s))
        UNION ALL
        SELECT product.id, NULL, pack.gtin FROM catalog_packaging pack
        JOIN catalog_product product ON product.id = pack.product_id
        WHERE product.is_active AND pack.gtin = ANY(%(gtins)s)
        """,
        {"skus": list(skus), "gtins": list(padded)},
    )
    by_sku = {sku: key for key, sku, _ in rows if sku is not None}
    return by_sku, {gtin.zfill(14): key for key, _, gtin in rows if gtin}
