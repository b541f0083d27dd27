"""kill -9 of worker, relay, broker, database and the market itself while a market is played by real processes."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from b2b.core.actor import acting_as, system
from b2b.db.bulk import execute
from tests.support.campaign import Campaign
from tests.support.doubles import doubled_or_lost, untold
from tests.support.platform import Platform

pytestmark = pytest.mark.xdist_group("market_kills")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_kills_lose_nothing_and_double_nothing(platform: Platform) -> None:
    seed = int(os.environ.get("SEED", random.randrange(10**6)))
    print(f"seed {seed}")
    campaign = Campaign(platform, 11, random.Random(seed), days=5, dealers=3)
    faults = list(campaign.faults())
    campaign.chance.shuffle(faults)
    report = campaign.run(faults, pause_s=(0.5, 3))
    assert sorted(campaign.killed) == sorted(faults), "the market was over before everything was killed"
    assert report["broken_invariants"] == []
    assert report["open_cases"] == 0
    campaign.judge()
    assert untold(platform) == []
    _the_judge_has_eyes(platform)


def _the_judge_has_eyes(platform: Platform) -> None:
    with acting_as(system("test")):
        execute(
            """UPDATE outbox_delivery SET status = 'PARKED', last_error = 'lost on purpose'
               WHERE id = (SELECT max(id) FROM outbox_delivery)"""
        )
    assert "lost on purpose" in str(doubled_or_lost(platform))


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_long_market_of_kills(platform: Platform) -> None:
    """Play week after week on the same platform until the time is up; every week is judged."""
    seed = int(os.environ.get("SEED", random.randrange(10**6)))
    until = time.monotonic() + float(os.environ.get("MINUTES", "30")) * 60
    chance = random.Random(seed)
    first_day, weeks = date(2026, 3, 2), 0

    def faults(names: list[str]) -> Iterator[str]:
        while time.monotonic() < until:
            yield chance.choice(names)

    while time.monotonic() < until:
        campaign = Campaign(platform, seed + weeks, chance, days=7, dealers=10, first_day=first_day)
        campaign.run(faults(list(campaign.faults())), pause_s=(1, 15))
        print(f"seed {seed + weeks}, week of {first_day}: {len(campaign.killed)} kills")
        campaign.judge()
        first_day += timedelta(days=7)
        weeks += 1
