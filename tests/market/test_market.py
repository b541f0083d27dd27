"""A market lived through the real services ends with every promise kept, and the same seed lives the same market."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from b2b.core.actor import Actor, acting_as, system
from b2b.db.bulk import fetch_value
from b2b.market import play, world
from b2b.market.play import Result
from b2b.tower.selectors import value
from finance.models import Invoice
from orders.models import Order
from tests.house.test_row_security import TABLES

FIRST_DAY = date(2026, 3, 2)
FILLED = 101  # tables of parties that a fortnight fills; webhooks and forecasts are not lived yet


def lived(*, days: int, seed: int = 7, dealers: int = 4) -> Result:
    return play.market(days=days, dealers=dealers, seed=seed, first_day=FIRST_DAY)


def test_a_fortnight_runs_from_upload_to_payment(committed_db: str) -> None:
    result = lived(days=16)
    assert result.broken == ()
    assert result.open_cases == 0
    trade = ("orders", "purchase orders", "receipts", "trips", "deliveries", "payments")
    for step in (*trade, "blanket releases", "freight shared", "returns received", "orders changed"):
        assert result.counts.get(step, 0) > 0, f"nothing happened at: {step}"
    with acting_as(system()):
        undone = "SELECT count(*) FROM outbox_delivery WHERE status <> 'DONE'"
        assert fetch_value(undone) == 0
        assert Invoice.objects.filter(status="PAID").exists()
    saved = result.value
    assert saved.saving == saved.dealer_share + saved.platform_share + saved.factory_share
    _reconciled()
    _each_to_its_own()


def _reconciled() -> None:
    out = io.StringIO()
    call_command("reconcile", what=["all"], dry_run=True, stdout=out)
    assert "bank" in out.getvalue()


def _each_to_its_own() -> None:
    """Selectors and row security agree on what a dealer sees."""
    with acting_as(system()):
        made = world.load()
    for dealer in made.dealers[:2]:
        by = made.actor(dealer)
        with acting_as(system()):
            own = Order.objects.filter(dealer=dealer).count()
        with acting_as(by):
            assert Order.objects.count() == own > 0
            assert Order.objects.visible_to(by).count() == own
    assert _seen_by(Actor()) == set()
    terms = {"orders_ordercycle", "orders_priceagreement", "orders_orderrule", "orders_supplysource"}
    terms.add("finance_programme")  # an open programme is shown to whom it is for
    assert _seen_by(Actor(kind="dealer", organization_id=2**62)) <= terms | {"directory_site"}
    with acting_as(system()):
        filled = [table for table in TABLES if fetch_value(f'SELECT count(*) FROM "{table}"')]
    assert len(filled) >= FILLED, "the walls were tried on tables that hold something"


def _seen_by(stranger: Actor) -> set[str]:
    with acting_as(stranger):
        return {table for table in TABLES if fetch_value(f'SELECT count(*) FROM "{table}"')}


def test_the_same_seed_lives_the_same_market(committed_db: str) -> None:
    first = lived(days=3)
    before = _figures()
    assert first.counts["orders"] > 0
    again = lived(days=3)
    assert again.counts.get("orders", 0) == 0, (
        "the references of the first run keep the orders from coming twice"
    )
    assert _figures().ordered_amount == before.ordered_amount


def _figures() -> value.Value:
    by = system()
    with acting_as(by):
        return value.between(
            by, since=datetime(2026, 1, 1, tzinfo=UTC), until=datetime(2027, 1, 1, tzinfo=UTC)
        )


def test_the_command_prints_json(committed_db: str) -> None:
    out = io.StringIO()
    call_command(
        "play_market",
        days=1,
        dealers=2,
        seed=3,
        json=True,
        first_day=FIRST_DAY,
        stdout=out,
        stderr=io.StringIO(),
    )
    report = json.loads(out.getvalue())
    assert report["broken_invariants"] == []
    assert report["days"] == 1


def test_a_market_needs_somebody(committed_db: str) -> None:
    with pytest.raises(CommandError, match="at least one"):
        call_command("play_market", days=0, stdout=io.StringIO())


def test_a_market_goes_on_where_it_was(committed_db: str) -> None:
    """As after a killed process, and as a market that is played into the past of the demo."""
    lived(days=3)
    with acting_as(system()):
        first = set(Order.objects.values_list("pk", flat=True))
    later = lived(days=6)
    with acting_as(system()):
        assert first < set(Order.objects.values_list("pk", flat=True))
    assert later.counts["orders"] + len(first) == _orders()
    earlier = play.market(days=4, dealers=6, seed=7, first_day=FIRST_DAY - timedelta(days=3))
    assert earlier.counts["orders"] > 0
    assert (earlier.broken, earlier.open_cases) == ((), 0)
    _reconciled()


def _orders() -> int:
    with acting_as(system()):
        return Order.objects.count()
