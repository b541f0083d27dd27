"""The conventions of the API."""

from django.apps import AppConfig


class Http(AppConfig):
    """See the package docstring."""

    name = "b2b.http"
    label = "http"
