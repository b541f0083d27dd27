"""The composition root: binds ports to their answerers and imports handlers; the only file that knows all apps."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig

LISTENERS = ("orders", "warehousing", "logistics", "finance", "b2b.exchange", "b2b.tower")


class Wiring(AppConfig):
    """Runs last, when every app is ready."""

    name = "b2b"
    label = "wiring"
    verbose_name = "Wiring"

    def ready(self) -> None:
        """Register handlers and bind ports."""
        for app in LISTENERS:
            if find_spec(f"{app}.handlers"):
                import_module(f"{app}.handlers")
