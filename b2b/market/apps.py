"""A simulated market that drives the real services."""

from django.apps import AppConfig


class Market(AppConfig):
    """See the package docstring."""

    name = "b2b.market"
    label = "market"
