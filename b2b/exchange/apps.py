"""What outside parties read and subscribe to."""

from django.apps import AppConfig


class Exchange(AppConfig):
    """See the package docstring."""

    name = "b2b.exchange"
    label = "exchange"
