"""Addresses of the catalogue."""

from __future__ import annotations

from django.urls import path

from b2b.catalog.rest.product import OneProduct, Products

urlpatterns = [
    path("catalog/products/", Products.as_view(), name="products"),
    path("catalog/products/<str:sku>/", OneProduct.as_view(), name="product"),
]
