"""Past demand is played again with other buffers; what comes of it is kept and can be made again."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from b2b.core.actor import acting_as, system
from b2b.core.errors import Forbidden, Invalid
from orders.models import Rehearsal
from orders.policies.rehearsal import comparison
from orders.services import rehearsal
from tests.factories import orders as made
from tests.factories import planning
from tests.factories.orders import NOW

pytestmark = pytest.mark.django_db
BY = system("test")
WEEKS = 60


@pytest.fixture
def market():
    market = made.trade()
    planning.buffer(market, lead_time_days=7, moq=10)
    planning.sold(market.products[0], [60 + 15 * (week % 4) for week in range(WEEKS)], until=NOW.date())
    return market


def past(market, **changes):
    return rehearsal.past(market.maker, days=70, changes=changes, by=BY, at=NOW)


def test_past_demand_is_played_with_buffers_as_they_are_and_as_proposed(market):
    kept = past(market, variability_factor=3)
    found = comparison.read(kept.outcomes)
    assert list(found) == ["as it is", "as proposed", "reorder point"]
    assert found["as proposed"].stock > found["as it is"].stock
    assert found["as proposed"].service >= found["as it is"].service
    # What was really asked for in the six weeks that count.
    since = NOW.date() - timedelta(days=42)
    assert sum(found["as it is"].weekly_demand) == sum(
        60 + 15 * (week % 4)
        for week in range(WEEKS)
        if planning.MONDAY - timedelta(weeks=WEEKS - week) + timedelta(days=2) >= since
    )


def test_the_same_past_gives_the_same_outcome_and_changed_demand_another(market):
    one, same = past(market), past(market)
    assert (one.outcomes, one.facts_hash, one.settings) == (same.outcomes, same.facts_hash, same.settings)
    assert comparison.read(one.outcomes)["as it is"] == comparison.read(one.outcomes)["as proposed"]
    planning.sold(market.products[0], [500], region="west", until=NOW.date())
    other = past(market)
    assert other.facts_hash != one.facts_hash
    assert other.outcomes != one.outcomes


def test_what_cannot_be_played_is_refused_with_a_remedy(market):
    with pytest.raises(rehearsal.NothingToRehearse):
        rehearsal.past(made.trade().maker, days=70, changes={}, by=BY, at=NOW)
    with pytest.raises(Invalid) as refused:
        rehearsal.past(market.maker, days=20, changes={}, by=BY, at=NOW)
    assert "42" in refused.value.problems[0].remedy
    with pytest.raises(Forbidden):
        rehearsal.past(market.maker, days=70, changes={}, by=market.factory_actor, at=NOW)


def test_it_is_kept_as_it_was_for_the_operator_alone(market):
    kept = past(market)
    with pytest.raises(DatabaseError), transaction.atomic():
        Rehearsal.objects.filter(pk=kept.pk).update(days=1)
    with acting_as(market.factory_actor):
        assert not Rehearsal.objects.exists()


def test_the_command_plays_a_market_and_says_by_how_much():
    told = StringIO()
    call_command("rehearse_signals", days=28, dealers=3, products=2, seed=5, stdout=told)
    kept = Rehearsal.objects.get()
    assert json.loads(kept.settings)["seed"] == 5
    found = comparison.read(kept.outcomes)
    beside = comparison.better(found["signals"], found["reorder point"])
    assert f"signals beside reorder point: service {beside['service']:+.2%}" in told.getvalue()
    assert told.getvalue().count("service") == 5
    with pytest.raises(CommandError):
        call_command("rehearse_signals", factory="nobody")
