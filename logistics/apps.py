"""Shipments, trips and proof of delivery."""

from django.apps import AppConfig


class Logistics(AppConfig):
    """See README.md in this folder."""

    name = "logistics"
