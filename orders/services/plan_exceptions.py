"""What a plan would change and may not: written down for a person to ask the factory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from b2b.db.bulk import execute
from orders.models import PlanException

if TYPE_CHECKING:
    from orders.services.production_plan import Asked

_OPEN: Final = """
    SELECT line.id, line.product_id, line.week_start_date,
        line.committed_quantity - line.fulfilled_quantity AS quantity
    FROM orders_productionsignalline line JOIN orders_productionsignal parent ON parent.id = line.signal_id
    WHERE line.factory_id = %(factory)s AND line.is_order AND line.committed_quantity > line.fulfilled_quantity
        AND parent.status IN ('COMMITTED', 'IN_PRODUCTION') AND parent.run_id IS NOT NULL
"""
# In the red zone the first that comes later than this week should come earlier; above green the last should not come,
# or later.
_WRITE: Final = f"""
    WITH open AS ({_OPEN}),
    stood AS (
        SELECT buffer.product_id, on_hand - qualified_demand < red_base + red_safety AS is_red,
            on_hand + on_order - qualified_demand - (red_base + red_safety + yellow + green) AS above
        FROM orders_buffersnapshot shot JOIN orders_buffer buffer ON buffer.id = shot.buffer_id
        WHERE shot.run_id = %(run)s)
    INSERT INTO orders_planexception (run_id, product_id, line_id, kind, quantity)
    SELECT %(run)s, found.* FROM (
        (SELECT DISTINCT ON (product_id) product_id, open.id, 'EXPEDITE', open.quantity
        FROM stood JOIN open USING (product_id) WHERE is_red AND week_start_date > %(monday)s
        ORDER BY product_id, week_start_date, open.id)
        UNION ALL
        (SELECT DISTINCT ON (product_id) product_id, open.id,
            CASE WHEN above < open.quantity THEN 'DEFER' ELSE 'CANCEL' END, least(above, open.quantity)
        FROM stood JOIN open USING (product_id) WHERE above > 0 AND NOT is_red
        ORDER BY product_id, week_start_date DESC, open.id DESC)) found
"""


def write(asked: Asked, late: Mapping[int, int]) -> None:
    """Write the exceptions of a run: committed lines that should come earlier, later or not; what lacks capacity."""
    execute(_WRITE, asked.params)
    PlanException.objects.bulk_create(
        PlanException(run=asked.run, product_id=product, kind=PlanException.Kind.CAPACITY, quantity=quantity)
        for product, quantity in sorted(late.items())
    )
