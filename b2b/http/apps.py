"""The conventions of the API."""

from django.apps import AppConfig


class Http(AppConfig):
    """See the package docstring."""

    name = "b2b.http"
    label = "http"

    def ready(self) -> None:
        """Teach the OpenAPI writer what it cannot know."""
        from b2b.http import extensions  # noqa: F401 - registers itself
