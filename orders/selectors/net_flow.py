"""Zones, spikes, net flow and what lacks of every buffer of a factory, as one SQL text."""

from __future__ import annotations

from typing import Final

from b2b.db.bulk import unnest

STOCK: Final = {"product_id": "bigint", "free": "bigint"}

# Demand that nothing serves yet and no open cycle will buy: what is covered, pooled or waits in an open pool is pegged
# to its own supply, and both are left out.
WAITING: Final = """
    SELECT line.product_id, line.id AS line_id, coalesce(line.need_by_date, %(today)s) AS due_date,
        line.requested - line.cancelled - line.covered - line.pooled AS quantity
    FROM orders_orderline line JOIN orders_order parent ON parent.id = line.order_id AND parent.status = 'CONFIRMED'
    WHERE line.factory_id = %(factory)s AND line.cycle_id IS NULL
        AND line.requested > line.cancelled + line.covered + line.pooled
    UNION ALL
    SELECT line.product_id, line.id, coalesce(line.need_by_date, %(today)s),
        line.requested - line.cancelled - line.covered - line.pooled
    FROM orders_leftover leftover
    JOIN orders_ordercycle cycle ON cycle.id = leftover.cycle_id
        AND cycle.status NOT IN ('DRAFT', 'OPEN', 'BOXFILL')
    JOIN orders_orderline line ON line.cycle_id = leftover.cycle_id AND line.factory_id = leftover.factory_id
        AND line.product_id = leftover.product_id
    JOIN orders_order parent ON parent.id = line.order_id AND parent.status = 'CONFIRMED'
    WHERE leftover.factory_id = %(factory)s AND line.requested > line.cancelled + line.covered + line.pooled
"""
# What comes and is pegged to nobody: surplus of purchase orders as promised (as asked while nobody has answered), and
# what plans have asked for that the factory has neither refused nor made, and that is not bought yet.
COMING: Final = """
    SELECT bought.product_id, sum((CASE WHEN bought.response_version = 0 THEN peg.pegged ELSE peg.allocated END)
        - peg.received)::bigint AS quantity
    FROM orders_purchaseorderline bought
    JOIN orders_purchaseorder parent ON parent.id = bought.purchase_order_id
        AND parent.status NOT IN ('REJECTED', 'CANCELLED', 'CLOSED')
    JOIN orders_peg peg ON peg.purchase_order_line_id = bought.id AND peg.order_line_id IS NULL
    WHERE bought.factory_id = %(factory)s AND bought.surplus_quantity > 0 GROUP BY 1
    UNION ALL
    SELECT line.product_id, sum(greatest(line.quantity - line.rejected_quantity
        - greatest(line.ordered_quantity, line.fulfilled_quantity), 0))::bigint
    FROM orders_productionsignalline line JOIN orders_productionsignal parent ON parent.id = line.signal_id
    WHERE parent.factory_id = %(factory)s AND parent.run_id IS NOT NULL AND line.is_order
        AND parent.status IN ('PROPOSED', 'APPROVED', 'SENT', 'ACKNOWLEDGED', 'COMMITTED', 'IN_PRODUCTION', 'SHIPPED')
    GROUP BY 1
"""
# exp(sum(ln())) of factors is not exact to the last digit: rounded to what factors can say.
_FACTOR: Final = "round(exp(sum(ln(factor)) FILTER (WHERE kind = '{kind}')), 8) AS {name}"
_BY: Final = {"DEMAND": "by_demand", "LEAD_TIME": "by_lead", "ZONE": "by_zone"}
FACTORS: Final = f"""
    SELECT product_id, {", ".join(_FACTOR.format(kind=kind, name=name) for kind, name in _BY.items())}
    FROM (
        SELECT product_id, kind, factor FROM orders_adjustmentfactor
        WHERE product_id IS NOT NULL AND %(today)s BETWEEN valid_from AND valid_to
        UNION ALL
        SELECT product.id, one.kind, one.factor FROM orders_adjustmentfactor one
        JOIN catalog_product product ON product.category = one.category
        WHERE one.product_id IS NULL AND %(today)s BETWEEN one.valid_from AND one.valid_to) held
    GROUP BY product_id
"""
NET_FLOW: Final = f"""
    WITH waiting AS MATERIALIZED ({WAITING}),
    daily AS (SELECT product_id, due_date, sum(quantity)::bigint AS quantity FROM waiting GROUP BY 1, 2),
    coming AS (SELECT product_id, sum(quantity)::bigint AS quantity FROM ({COMING}) each GROUP BY 1),
    adjusted AS (
        SELECT buffer.id, buffer.product_id, buffer.moq, buffer.order_multiple, profile.lead_time_factor,
            profile.variability_factor, profile.order_cycle_days, profile.spike_basis_points,
            profile.spike_horizon_days, buffer.daily_usage, buffer.lead_time_days,
            {", ".join(f"coalesce(held.{name}, 1) AS {name}" for name in _BY.values())}
        FROM orders_buffer buffer JOIN orders_bufferprofile profile ON profile.id = buffer.profile_id
        LEFT JOIN ({FACTORS}) held ON held.product_id = buffer.product_id
        WHERE buffer.factory_id = %(factory)s AND buffer.is_active),
    sized AS (
        SELECT id, product_id, moq, spike_basis_points, lead_time_factor, variability_factor, by_zone, usage, lead,
            coalesce(spike_horizon_days, ceil(lead))::integer AS horizon, usage * lead * by_zone AS over_lead,
            usage * by_zone * order_cycle_days AS over_cycle
        FROM (SELECT *, round(daily_usage * by_demand, 8) AS usage, round(lead_time_days * by_lead, 4) AS lead
            FROM adjusted) told),
    zoned AS (
        SELECT *, ceil(over_lead * lead_time_factor)::bigint AS red_base,
            ceil(over_lead * lead_time_factor * variability_factor)::bigint AS red_safety,
            ceil(over_lead)::bigint AS yellow,
            greatest(ceil(over_lead * lead_time_factor), ceil(over_cycle), moq)::bigint AS green
        FROM sized),
    qualified AS (
        SELECT zoned.id, sum(daily.quantity)::bigint AS quantity
        FROM zoned JOIN daily USING (product_id)
        WHERE daily.due_date <= %(today)s OR daily.due_date <= %(today)s + zoned.horizon
            AND daily.quantity * 10000 >= (red_base + red_safety) * spike_basis_points
        GROUP BY zoned.id),
    flow AS (
        SELECT zoned.*, coalesce(given.free, 0) AS on_hand, coalesce(coming.quantity, 0) AS on_order,
            coalesce(qualified.quantity, 0) AS qualified_demand
        FROM zoned LEFT JOIN {unnest(STOCK)} USING (product_id) LEFT JOIN coming USING (product_id)
        LEFT JOIN qualified ON qualified.id = zoned.id)
    SELECT id AS buffer_id, usage AS daily_usage, lead AS lead_time_days, by_zone AS zone_factor, horizon, red_base,
        red_safety, yellow, green, on_hand, on_order, qualified_demand,
        CASE WHEN net < red_base + red_safety + yellow THEN red_base + red_safety + yellow + green - net ELSE 0 END
            AS shortfall
    FROM (SELECT *, on_hand + on_order - qualified_demand AS net FROM flow) told
"""
