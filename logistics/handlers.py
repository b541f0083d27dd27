"""What logistics listens to."""

from __future__ import annotations

from b2b.contracts.warehousing import PackagesReady
from b2b.core.actor import current
from b2b.outbox.registry import on
from logistics.services import shipment


@on(PackagesReady)
def ship_packages(event: PackagesReady) -> None:
    """Packages stand ready: make shipments of them."""
    shipment.create_from_packages(
        event.wave_id,
        warehouse_site_id=event.warehouse_site_id,
        packages=event.packages,
        by=current(),
        at=event.occurred_at,
    )
