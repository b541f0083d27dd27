"""Periodic work of orders; the database knows what is due, so a missed run only delays."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.outbox.schedule import daily, every
from orders.services import (
    approval,
    blanket_order,
    cycle_calendar,
    cycle_status,
    forecast,
    order_cycle,
    planning_calendar,
    pool_progress,
    promise,
    quotation,
    quotation_request,
    response_deadline,
    signal_progress,
    substitution,
)


@every("order_cycles_close", seconds=15)
@shared_task(name="orders.tasks.close_due_cycles", soft_time_limit=300, time_limit=330)
def close_due_cycles() -> None:
    """Close the cycles whose cut-off has passed."""
    with acting_as(system("orders")) as platform:
        order_cycle.close_due(by=platform, at=clock.now())


@every("order_cycles_open", seconds=15)
@shared_task(name="orders.tasks.open_cycles", soft_time_limit=60, time_limit=90)
def open_cycles() -> None:
    """Plan the cycles that follow on repeating ones, open what is due, and let packs be filled where it is time."""
    with acting_as(system("orders")) as platform:
        cycle_calendar.ensure_open(by=platform, at=clock.now())
        cycle_calendar.fill_packs(by=platform, at=clock.now())


@every("order_cycles_settle", seconds=60)
@shared_task(name="orders.tasks.settle_cycles", soft_time_limit=60, time_limit=90)
def settle_cycles() -> None:
    """Confirm and close the cycles whose purchase orders have come so far."""
    with acting_as(system("orders")) as platform:
        cycle_status.settle(by=platform, at=clock.now())


@every("order_responses_overdue", seconds=60)
@shared_task(name="orders.tasks.remind_overdue_responses", soft_time_limit=120, time_limit=150)
def remind_overdue_responses() -> None:
    """Remind factories whose answer is overdue, and let substitutes lapse that no dealer decided on."""
    with acting_as(system("orders")) as platform:
        response_deadline.remind_overdue(by=platform, at=clock.now())
        substitution.lapse_overdue(by=platform, at=clock.now())


@every("pool_progress", seconds=30)
@shared_task(name="orders.tasks.tell_progress", soft_time_limit=60, time_limit=90)
def tell_progress() -> None:
    """Tell how full pools are where a declared moment has come."""
    with acting_as(system("orders")) as platform:
        pool_progress.tell_due(by=platform, at=clock.now())


@every("blanket_orders_expire", seconds=600)
@shared_task(name="orders.tasks.expire_blanket_orders", soft_time_limit=60, time_limit=90)
def expire_blanket_orders() -> None:
    """End the blanket orders whose last day is over."""
    with acting_as(system("orders")) as platform:
        blanket_order.expire_due(by=platform, at=clock.now())


@every("approvals_remind", seconds=300)
@shared_task(name="orders.tasks.remind_of_approvals", soft_time_limit=60, time_limit=90)
def remind_of_approvals() -> None:
    """Ask again for the approvals that nobody has given in time."""
    with acting_as(system("orders")):
        approval.remind(at=clock.now())


@every("quotations_unseal", seconds=15)
@shared_task(name="orders.tasks.unseal_quotations", soft_time_limit=60, time_limit=90)
def unseal_quotations() -> None:
    """Open the quotations whose deadline has passed, and let lapse what nobody quoted or took in time."""
    with acting_as(system("orders")) as platform:
        quotation_request.unseal_due(by=platform, at=clock.now())
        quotation.expire_due(by=platform, at=clock.now())
        quotation_request.expire_due(by=platform, at=clock.now())


@daily("demand_stock_outs", at="23:30")
@shared_task(name="orders.tasks.mark_stock_outs", soft_time_limit=300, time_limit=330)
def mark_stock_outs() -> None:
    """Note which buffered products nobody could have today."""
    with acting_as(system("orders")):
        planning_calendar.mark_stock_outs(on_date=clock.today(settings.TIME_ZONE))


@daily("forecasts", at="01:30")
@shared_task(name="orders.tasks.forecast_week", soft_time_limit=900, time_limit=930)
def forecast_week() -> None:
    """Forecast the week unless it is forecast already."""
    with acting_as(system("orders")) as platform:
        forecast.run(by=platform, at=clock.now())


@daily("production_plans", at="02:30")
@shared_task(name="orders.tasks.plan_production", soft_time_limit=1500, time_limit=1530)
def plan_production() -> None:
    """Plan every factory for today unless it is planned already."""
    with acting_as(system("orders")) as platform:
        planning_calendar.plan_due(by=platform, at=clock.now())


@every("production_signals_lapse", seconds=300)
@shared_task(name="orders.tasks.lapse_signals", soft_time_limit=60, time_limit=90)
def lapse_signals() -> None:
    """Let signals lapse that nobody answered, and promises that nobody took up."""
    with acting_as(system("orders")) as platform:
        signal_progress.expire_overdue(by=platform, at=clock.now())
        promise.lapse(at=clock.now())
