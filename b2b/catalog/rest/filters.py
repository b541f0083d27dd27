"""What products can be filtered by."""

from __future__ import annotations

from django_filters import rest_framework as filters

from b2b.catalog.models import Product


class ProductFilter(filters.FilterSet):
    """By category, GTIN, or words in the name."""

    name = filters.CharFilter(lookup_expr="icontains", max_length=200)

    class Meta:
        model = Product
        fields = ("category", "gtin", "name", "tracking")
