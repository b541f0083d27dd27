"""Embedded parts for one machine, and the supervisor that runs them."""

from django.apps import AppConfig


class Embedded(AppConfig):
    """See the package docstring."""

    name = "b2b.embedded"
    label = "embedded"
