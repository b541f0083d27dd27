"""Events, their deliveries, schedules and heartbeats."""

from b2b.outbox.models.delivery import Delivery, OutboxEvent
from b2b.outbox.models.schedule import Heartbeat, Schedule, ScheduleRun

__all__ = ["Delivery", "Heartbeat", "OutboxEvent", "Schedule", "ScheduleRun"]
