"""The operator's desk: opens and closes cycles, takes goods in, sends pickers, plans trips, reconciles the bank."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from b2b.core import clock
from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.directory.models import Organization
from b2b.market.stage import Stage
from finance.models import CreditLimit
from finance.services import bank_account, exposure
from logistics.models import Shipment
from logistics.services import dispatch
from orders.models import OrderCycle
from orders.services import cycle_calendar, order_cycle
from warehousing.models import Receipt, Warehouse, Wave
from warehousing.services import packing, picking, receipt, wave
from warehousing.services.wave import NothingToPick

CUTOFF_HOUR = 14
CYCLE_DAYS = 2
CREDIT_LIMIT = 2_000_000  # CNY; a few dealers get a small one and meet it
SMALL_LIMIT = 20_000
PLANNING_S = 1.0
# Nobody shares: who buys alone pays its own price, and what a factory's minimum buys above it is the platform's.
BOUGHT_ALONE: Final = {"dealer": 0, "platform": 10_000, "factory": 0}


def prepare(stage: Stage, *, bank_identifier: str) -> None:
    """Open the bank account, set credit limits and open the first cycle of every factory, where that is missing."""
    with stage.at(6) as now, stage.acting(stage.world.operator) as by:
        bank_account.open_account(identifier=bank_identifier, currency="CNY", name="Operating account", by=by)
        limited = set(CreditLimit.objects.visible_to(by).values_list("party_id", flat=True))
        for index, dealer in enumerate(stage.world.dealers):
            if dealer.pk not in limited:
                amount = SMALL_LIMIT if index % 17 == 16 else CREDIT_LIMIT
                limit = Money.of(amount, dealer.currency)
                exposure.set_limit(party_id=dealer.pk, amount=limit, reason="opening limit", by=by, at=now)
        cycled = set(OrderCycle.objects.visible_to(by).values_list("factory_id", flat=True))
        for offset, factory in enumerate(stage.world.factories):
            if factory.pk not in cycled:
                cutoff_at = stage.moment(CUTOFF_HOUR) + timedelta(days=offset % CYCLE_DAYS)
                repeats = {"every": "days", "interval": CYCLE_DAYS} if stage.is_pooling else None
                _open_cycle(stage, factory, cutoff_at, recurrence=repeats, by=by, at=now)


def reopen_cycles(stage: Stage, *, hours: float) -> None:
    """Open a cycle from now on for every factory that has none, as when the last was closed before its time."""
    now = clock.now()
    with stage.acting(stage.world.operator) as by:
        running = OrderCycle.objects.visible_to(by).filter(status="OPEN", cutoff_at__gt=now)
        busy = set(running.values_list("factory_id", flat=True))
        for factory in stage.world.factories:
            if factory.pk not in busy:
                _open_cycle(stage, factory, now + timedelta(hours=hours), recurrence=None, by=by, at=now)


def _open_cycle(
    stage: Stage,
    factory: Organization,
    cutoff_at: datetime,
    *,
    recurrence: dict[str, Any] | None,
    by: Actor,
    at: datetime,
) -> None:
    order_cycle.open(
        factory,
        warehouse=stage.world.warehouse,
        region=stage.world.region,
        opens_at=at,
        cutoff_at=cutoff_at,
        recurrence=recurrence,
        policy=None if stage.is_pooling else {"sharing": BOUGHT_ALONE},
        by=by,
        at=at,
    )


def close_cycles(stage: Stage) -> None:
    """Close every cycle whose cut-off has passed and open its next recurrence."""
    with stage.at(CUTOFF_HOUR + 0.01) as now, stage.acting(stage.world.operator) as by:
        placed = order_cycle.close_due(by=by, at=now)
        cycle_calendar.ensure_open(by=by, at=now)
    stage.counts["purchase orders"] += len(placed)


def receive(stage: Stage) -> None:
    """Take in what was advised to arrive by now."""
    with stage.at(8.5) as now, stage.acting(stage.world.operator) as by:
        expected = list(
            Receipt.objects.visible_to(by)
            .filter(status="EXPECTED", expected_at__lte=now)
            .order_by("expected_at")
            .values_list("pk", flat=True)
        )
        for key in expected:
            receipt.receive(key, by=by, at=now)
            stage.counts["receipts"] += 1


def pick_and_pack(stage: Stage) -> None:
    """Release a wave for what is reserved, pick it and pack it."""
    with stage.at(9.5) as now, stage.acting(stage.world.operator) as by:
        for house in Warehouse.objects.filter(site=stage.world.warehouse):
            try:
                wave.release(house.pk, by=by, at=now)
            except NothingToPick:
                stage.counts["days without picks"] += 1
        for key in Wave.objects.filter(status="RELEASED").values_list("pk", flat=True):
            picking.confirm(key, by=by, at=now + timedelta(minutes=30))
        for key in Wave.objects.filter(status="PICKED").values_list("pk", flat=True):
            packages = packing.pack(key, by=by, at=now + timedelta(minutes=45))
            stage.counts["packages"] += len(packages)


def plan_trips(stage: Stage) -> None:
    """Plan the day's trips for the shipments that wait, and publish them."""
    with stage.at(10.5) as now, stage.acting(stage.world.operator) as by:
        waiting = Shipment.objects.visible_to(by).filter(status="READY")
        if not waiting.exists():
            return
        proposal = dispatch.plan(stage.world.warehouse.pk, by=by, at=now, day=stage.today, seconds=PLANNING_S)
        published = dispatch.publish_plan(proposal, by=by, at=now)
    stage.counts["trips"] += len(published.trips)
    stage.counts["shipments left for tomorrow"] += len(published.left_out)
