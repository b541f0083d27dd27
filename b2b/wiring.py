"""The composition root: binds ports to their answerers and imports handlers; the only file that knows all apps."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig

APPS = (
    "orders",
    "warehousing",
    "logistics",
    "finance",
    "b2b.exchange",
    "b2b.tower",
    "b2b.outbox",
    "b2b.http",
)
# What each app registers by being imported: handlers of events, invariants, reconcilers, schedules.
REGISTRIES = ("handlers", "selectors.invariants", "selectors.reconcilers", "tasks")


class Wiring(AppConfig):
    """Runs last, when every app is ready."""

    name = "b2b"
    label = "wiring"
    verbose_name = "Wiring"

    def ready(self) -> None:
        """Register what the apps declare, then bind ports to their answerers."""
        import_module("b2b.celery")  # a task sent from any process goes to our broker
        for app in APPS:
            for registry in REGISTRIES:
                if _exists(f"{app}.{registry}"):
                    import_module(f"{app}.{registry}")
        bind_ports()


def _exists(module: str) -> bool:
    parent = module.rpartition(".")[0]
    return find_spec(parent) is not None and find_spec(module) is not None


def bind_ports() -> None:
    """Name who answers each question."""
    import finance.facade
    import finance.ports
    import logistics.facade
    import logistics.ports
    import orders.facade
    import orders.ports
    import warehousing.facade
    import warehousing.ports

    orders.ports.credit.bind(finance.facade)
    orders.ports.stock.bind(warehousing.facade)
    warehousing.ports.sharing.bind(orders.facade)
    warehousing.ports.pledges.bind(finance.facade)
    warehousing.ports.carriage.bind(logistics.facade)
    finance.ports.goods.bind(warehousing.facade)
    logistics.ports.staging.bind(warehousing.facade)
