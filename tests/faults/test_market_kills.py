"""Kill -9 of worker, relay, broker, database and the market itself, while a market is played by real processes."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from b2b.market.drill.campaign import Campaign, DrillFailed
from b2b.market.drill.ground import Ground
from tests.support.database import migrations_digest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("drill"), pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """Yield servers of our own; their pattern database is kept for the next run."""
    with Ground(settings.VAR_DIR / "drill") as ground:
        ground.lay_out(migrations_digest())
        yield ground


def test_killing_loses_nothing_and_doubles_nothing(ground: Ground) -> None:
    campaign = Campaign(ground, seed=11, days=4, dealers=3)
    report = campaign.run(rounds=1)
    assert len(campaign.kills) == 5, "the market ended before everything was killed"
    assert report["open_cases"] == 0
    with ground.postgres.connect("midstream") as connection:
        [orders, invoices] = connection.execute(
            "SELECT (SELECT count(*) FROM orders_order), (SELECT count(*) FROM finance_invoice)"
        ).fetchone()
    assert orders > 0
    assert invoices > 0


def test_the_drill_notices_what_is_lost(ground: Ground) -> None:
    """Its eyes are tried after the market was judged sound: an undone effect must be found."""
    with ground.postgres.connect("midstream") as connection:
        connection.execute(
            """UPDATE outbox_delivery SET status = 'PARKED', last_error = 'lost on purpose'
               WHERE id = (SELECT max(id) FROM outbox_delivery)"""
        )
    with pytest.raises(DrillFailed, match="lost on purpose"):
        Campaign(ground, seed=11, days=4, dealers=3)._judge({"broken_invariants": []})
