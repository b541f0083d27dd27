"""Read models: what happened to an order, and what circulation cost and saved."""

from b2b.tower.models.cost_fact import CostFact
from b2b.tower.models.order_line_fact import DeliveryFact, OrderLineFact
from b2b.tower.models.saving_fact import SavingFact
from b2b.tower.models.timeline import TimelineEntry

__all__ = ["CostFact", "DeliveryFact", "OrderLineFact", "SavingFact", "TimelineEntry"]
