"""What logistics answers when the warehouse asks through its Carriage port."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from b2b.core.actor import acting_as, system
from logistics.services import taking_off


def take_off(
    packages: Sequence[tuple[UUID, UUID, Sequence[tuple[int, int]]]], *, reason: str, at: datetime
) -> None:
    """Take packages (key, wave, what they hold of order lines) off their shipments, unless one is under way."""
    with acting_as(system("dispatch")) as desk:
        taking_off.take_off([taking_off.Off(*one) for one in packages], reason=reason, by=desk, at=at)
