"""Zones, spikes and net flow of all buffers of a factory in one statement, and a promise among a million open lines."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import psycopg

from b2b.core.actor import acting_as
from b2b.db.transactions import unit_of_work
from benchmarks import limit, world
from benchmarks.report import Report, measuring, p95
from orders import ports
from orders.models import BufferProfile, BufferSnapshot, OrderLine, PlanRun
from orders.services import production_plan, promise

SIZES = (15_000, 100_000)
LINES_EACH = 10
ASKED = 200


class Shelf:
    """Free stock without a warehouse: what is measured is the statement, not who answers."""

    def available(self, product_ids: Any) -> dict[int, int]:
        """Return some free stock of every product."""
        return {product: product % 400 for product in product_ids}


def run(report: Report) -> None:
    """Measure both at each size; a factory of its own for each."""
    before = ports.stock._answerer
    ports.stock.bind(Shelf())  # type: ignore[arg-type]
    try:
        with limit.connect() as bare:
            for size in report.sizes(*SIZES):
                made = world.build(products=1, dealers=2, prefix=f"{size}-")
                _fill(bare, made, size)
                _net_flow(report, made, size)
                _promise(report, made, size)
    finally:
        ports.stock.bind(before)  # type: ignore[arg-type]


def _fill(bare: psycopg.Connection, made: world.World, size: int) -> None:
    """Write so many buffers and ten open lines of each: late, due, spikes and what is for later."""
    from tests.factories import orders as ordering

    market = ordering.Trade(made.maker, made.products, made.house.site, made.dealers, made.shops)
    placed = ordering.order(market, [5], at=world.AT)
    profile = BufferProfile.objects.get_or_create(code="bench")[0]
    line = OrderLine.objects.get(order=placed)
    with limit.trusted(bare):
        limit.clone(
            bare, "catalog_product", where=f"id = {made.products[0].pk}", count=size - 1,
            sku=f"'{size}-B' || n", name="'Article ' || n",
        )  # fmt: skip
        bare.execute(
            "INSERT INTO orders_buffer (product_id, factory_id, profile_id, daily_usage, usage_is_set, lead_time_days,"
            " moq, order_multiple, is_active) SELECT id, %s, %s, 1 + id %% 90, true, 5 + id %% 30, 12, 6, true"
            " FROM catalog_product WHERE sku LIKE %s",
            [made.maker.pk, profile.pk, f"{size}-%"],
        )
        columns = limit.columns(bare, "orders_orderline")
        told = {
            "line_number": "1 + row_number() OVER ()",
            "product_id": "buffer.product_id",
            "need_by_date": f"'{world.AT.date()}'::date + (n * 7 - 10)",
            "requested": "(1 + buffer.product_id * n % 60)",
            "quantity": "(1 + buffer.product_id * n % 60)",
            "cycle_id": "NULL",
        }
        chosen = ", ".join(told.get(name, f"model.{name}") for name in columns)
        bare.execute(
            f"INSERT INTO orders_orderline ({', '.join(columns)}) SELECT {chosen} FROM orders_orderline model,"
            f" orders_buffer buffer, generate_series(1, {LINES_EACH}) n"
            f" WHERE model.id = {line.pk} AND buffer.factory_id = {made.maker.pk}"
        )
    bare.execute("ANALYZE orders_orderline, orders_buffer, catalog_product, orders_order")


def _net_flow(report: Report, made: world.World, size: int) -> None:
    with acting_as(world.BY):
        asked = _planning(made)
        with measuring() as measured:
            _look(asked)
        found = BufferSnapshot.objects.filter(run=asked.run)
        assert found.count() == size
        assert found.filter(shortfall__gt=0).exists()
        report.rate(
            "zones, spikes and net flow of buffers", size, measured, unit="buffers/s",
            within_s=2 if size <= SIZES[0] else 10,
        )  # fmt: skip


@unit_of_work()
def _look(asked: production_plan.Asked) -> None:
    production_plan._look(asked)


@unit_of_work()
def _planning(made: world.World) -> production_plan.Asked:
    run = PlanRun.objects.create(
        factory=made.maker, period_key="bench", as_of_date=world.AT.date(), created_at=world.AT
    )
    return production_plan._asked(run, world.AT)


def _promise(report: Report, made: world.World, size: int) -> None:
    """Ask for products one after the other, each held."""
    with acting_as(world.BY):
        products = [
            one.buffer.product
            for one in BufferSnapshot.objects.filter(buffer__factory=made.maker).select_related(
                "buffer__product"
            )[:: max(1, size // ASKED)]
        ]
        who, taken = made.dealer_actor(), []
        for product in products:
            start = time.perf_counter()
            promise.ask(
                product, 40, by_date=world.AT.date() + timedelta(days=10), by=who, at=world.AT, hold=True
            )
            taken.append((time.perf_counter() - start) * 1000)
    report.duration(
        "promise a quantity, p95", size * LINES_EACH, p95(taken), at_most_ms=20 if size == SIZES[-1] else None
    )
