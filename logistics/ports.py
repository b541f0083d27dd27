"""What logistics must know at once and others answer: which packages must not leave."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Protocol
from uuid import UUID

from b2b.core.port import Port


class Staging(Protocol):
    """Warehousing knows what is in packages, and what was recalled since they were packed."""

    def blocked(self, package_ids: Collection[UUID]) -> dict[UUID, str]:
        """Return why packages must not leave; those that may are missing."""
        ...

    def pulled(self, package_ids: Collection[UUID]) -> set[UUID]:
        """Return the packages that will never leave: they were taken apart since they were told of."""
        ...


staging: Final[Port[Staging]] = Port("logistics.staging")
