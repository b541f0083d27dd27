"""Read models fed by events."""

from django.apps import AppConfig


class Tower(AppConfig):
    """See the package docstring."""

    name = "b2b.tower"
    label = "tower"
