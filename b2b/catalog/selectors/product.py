"""Products as every party may see them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from b2b.catalog.models import Product
from b2b.core.actor import Actor


def active(actor: Actor) -> QuerySet[Product]:
    """Return the products on sale; nobody who has not identified themselves sees any."""
    products = Product.objects.filter(is_active=True)
    return products.none() if actor.is_anonymous else products


def known(actor: Actor) -> QuerySet[Product]:
    """Return all products, archived ones too, as old documents show them."""
    return Product.objects.none() if actor.is_anonymous else Product.objects.all()


def by_sku(actor: Actor, skus: Iterable[str]) -> dict[str, Product]:
    """Return the active products of these SKUs in one query; unknown ones are missing from the answer."""
    return {product.sku: product for product in active(actor).filter(sku__in=set(skus))}


def keys_by_sku(actor: Actor, skus: Iterable[str]) -> dict[str, int]:
    """Return the keys of the active products of these SKUs in one query, without reading the products."""
    return dict(active(actor).filter(sku__in=set(skus)).values_list("sku", "pk"))
