"""Everything at once on one hot lot: nothing oversold, no deadlock surfaces, the sums agree."""

from __future__ import annotations

from typing import Any

import pytest

from b2b.core.actor import acting_as, system
from tests.factories.warehousing import World
from tests.support.stock_campaign import Campaign
from warehousing.models import Quant

ALL = {"reserve", "release", "ship", "count", "take", "transfer", "receive"}


@pytest.fixture
def campaign(committed_db: str) -> Any:
    with acting_as(system("test")):
        world = World.build()
        batch = world.lot()
        world.stock(80, lot=batch)
        yield Campaign(world, batch)


def test_sixteen_writers_leave_the_books_right(campaign: Campaign) -> None:
    assert campaign.run(operations=6) == []
    assert set(campaign.done) | set(campaign.refused) == ALL
    assert not Quant.objects.filter(on_hand__lt=0).exists()


@pytest.mark.soak
def test_a_minute_of_it(campaign: Campaign) -> None:
    violations = campaign.run(seconds=60)
    print(campaign.figures())
    assert violations == []
    assert set(campaign.done) == ALL
