"""Facts on their way to those who act on them."""

from django.apps import AppConfig


class Outbox(AppConfig):
    """Events and their deliveries."""

    name = "b2b.outbox"
    label = "outbox"
    verbose_name = "Outbox"
