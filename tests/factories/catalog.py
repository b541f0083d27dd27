"""Goods for tests."""

from __future__ import annotations

import factory

from b2b.catalog.models import Packaging, Product
from b2b.core.actor import acting_as, system


class ProductFactory(factory.django.DjangoModelFactory):
    """A small boxed article."""

    class Meta:
        model = Product

    sku = factory.Sequence(lambda n: f"SKU-{n:05}")
    name = factory.LazyAttribute(lambda made: f"Article {made.sku}")
    category = "tools"
    weight_g = 500
    volume_cm3 = 800


class PackagingFactory(factory.django.DjangoModelFactory):
    """A carton of twelve."""

    class Meta:
        model = Packaging

    product = factory.SubFactory(ProductFactory)
    code = "CT"
    units = 12


def product(*, carton: int | None = None, **values: object) -> Product:
    """Create a product, with a carton of so many units if asked."""
    with acting_as(system("test")):
        made = ProductFactory(**values)
        if carton:
            PackagingFactory(product=made, units=carton)
    return made


def products(count: int, **values: object) -> list[Product]:
    """Create several products."""
    return [product(**values) for _ in range(count)]
