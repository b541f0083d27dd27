"""Receipts, stock, reservations, picking and packing."""

from django.apps import AppConfig


class Warehousing(AppConfig):
    """See README.md in this folder."""

    name = "warehousing"
