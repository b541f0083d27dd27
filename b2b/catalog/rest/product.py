"""Products: open to every party."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from b2b.catalog.rest.filters import ProductFilter
from b2b.catalog.rest.shapes import ProductDetail, ProductShape
from b2b.catalog.selectors import product
from b2b.core.actor import Actor
from b2b.http.views import DetailView, ListView


class Products(ListView):
    """List the products on sale, by SKU."""

    scope = "catalog"
    selector = product.active
    serializer = ProductShape
    filterset = ProductFilter
    ordering = "sku"


class OneProduct(DetailView):
    """Show a product with its packs; archived ones too, as old documents name them."""

    scope = "catalog"
    serializer = ProductDetail
    lookup_field = "sku"

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return all products with their packs."""
        return product.known(actor).prefetch_related("packagings")
