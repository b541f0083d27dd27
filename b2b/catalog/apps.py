"""What is traded."""

from django.apps import AppConfig


class Catalog(AppConfig):
    """Products and their packaging."""

    name = "b2b.catalog"
    label = "catalog"
    verbose_name = "Catalogue"
