"""The dealer and the operator site."""

from django.apps import AppConfig


class Admin(AppConfig):
    """See the package docstring."""

    name = "b2b.admin"
    label = "b2b_admin"
