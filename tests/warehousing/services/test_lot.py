"""Lots leave circulation and come back."""

import pytest

from b2b.core.machine import IllegalTransition
from tests.factories.warehousing import AT, BY, World
from warehousing.services import lot, recall
from warehousing.services.lot import StillRecalled


def test_a_recalled_lot_is_released_once_its_recall_is_over(world: World) -> None:
    batch = world.lot()
    made = recall.open_([batch.pk], reason="glass", by=BY, at=AT)
    with pytest.raises(StillRecalled, match=made.number):
        lot.release(batch.pk, reason="looks fine")
    recall.close(made.pk, by=BY, at=AT)
    lot.release(batch.pk, reason="no glass in it")
    with pytest.raises(IllegalTransition):
        lot.reject(batch.pk, reason="too late")
    lot.quarantine(batch.pk, reason="dented", at=AT)
    lot.reject(batch.pk, reason="dented")
    batch.refresh_from_db()
    assert (batch.status, batch.status_reason) == ("REJECTED", "dented")
