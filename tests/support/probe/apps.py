"""Register the probe's handlers in every process that has it among its installed apps."""

from importlib import import_module

from django.apps import AppConfig


class Probe(AppConfig):
    """See the package docstring."""

    name = "tests.support.probe"
    label = "probe"

    def ready(self) -> None:
        """Import the handlers."""
        import_module("tests.support.probe.handlers")
