"""What is traded: products and the packs they come in."""

from b2b.catalog.models.packaging import Packaging
from b2b.catalog.models.product import Product

__all__ = ["Packaging", "Product"]
