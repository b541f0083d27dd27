"""Demand, pooled demand, purchase orders and production signals."""

from django.apps import AppConfig


class Orders(AppConfig):
    """See README.md in this folder."""

    name = "orders"
