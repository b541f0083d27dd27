"""What can be subscribed to: every topic of the published language."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Final

import b2b.contracts
from b2b.contracts.base import Event


def _all() -> frozenset[str]:
    for module in pkgutil.iter_modules(b2b.contracts.__path__):
        import_module(f"b2b.contracts.{module.name}")
    found, kinds = set(), [Event]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind.topic:
            found.add(kind.topic)
    return frozenset(found)


TOPICS: Final = _all()
TEST: Final = "exchange.webhook.test.v1"
