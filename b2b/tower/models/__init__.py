"""Read models: what happened to an order, and what circulation cost and saved."""

from b2b.tower.models.flow_fact import FlowFact, FlowKind
from b2b.tower.models.order_line_fact import DeliveryFact, OrderLineFact
from b2b.tower.models.saving_fact import SavingFact, SavingLineFact
from b2b.tower.models.timeline import TimelineEntry
from b2b.tower.models.value_day import ValueDay

__all__ = [
    "DeliveryFact",
    "FlowFact",
    "FlowKind",
    "OrderLineFact",
    "SavingFact",
    "SavingLineFact",
    "TimelineEntry",
    "ValueDay",
]
