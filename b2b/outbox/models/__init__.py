"""Events, their deliveries, schedules and heartbeats."""

from b2b.outbox.models.delivery import BatchStart, Delivery, OutboxEvent
from b2b.outbox.models.schedule import Heartbeat, Schedule, ScheduleRun

__all__ = ["BatchStart", "Delivery", "Heartbeat", "OutboxEvent", "Schedule", "ScheduleRun"]
