"""What must hold between the tower's figures and the facts they come from."""

from typing import Final

from b2b.db.invariants import invariant
from b2b.tower.selectors import value_invariants  # noqa: F401 - states its own

SUMS: Final = (
    "lines",
    "ordered_quantity",
    "ordered_amount",
    "delivered_quantity",
    "freight_amount",
    "lines_in_full",
    "lines_on_time_in_full",
    "baseline",
    "pooled",
    "dealer_share",
    "platform_share",
    "factory_share",
)

invariant(
    "tower.delivered",
    "No order line shows more delivered than was ever ordered",
    """
    SELECT fact.order_line_id, fact.ordered_quantity, sum(delivery.delivered_quantity) AS delivered
    FROM tower_orderlinefact fact JOIN tower_deliveryfact delivery USING (order_line_id)
    GROUP BY fact.order_line_id HAVING sum(delivery.delivered_quantity) > fact.ordered_quantity
    """,
)
invariant(
    "tower.savings",
    "The shares of every saving sum to it",
    """
    SELECT number FROM tower_savingfact WHERE baseline <> pooled + dealer_share + platform_share + factory_share
    """,
)
invariant(
    "tower.lines_are_delivered",
    "What a line shows delivered, and its freight, are the sums of its deliveries",
    """
    SELECT order_line_id, fact.delivered_quantity, fact.freight_amount, sums.delivered, sums.freight
    FROM tower_orderlinefact fact FULL JOIN (
        SELECT order_line_id, sum(delivered_quantity) AS delivered, sum(freight_amount) AS freight
        FROM tower_deliveryfact GROUP BY 1) sums USING (order_line_id)
    WHERE coalesce(fact.delivered_quantity, 0) <> coalesce(sums.delivered, 0)
        OR coalesce(fact.freight_amount, 0) <> coalesce(sums.freight, 0)
    """,
)
invariant(
    "tower.days_are_their_lines",
    "The sums of a day are those of its lines and savings",
    f"""
    SELECT day, currency, dealer_id, factory_id, category, {", ".join(f"sum({name}) AS {name}" for name in SUMS)}
    FROM (
        SELECT day, currency, dealer_id, factory_id, category, {", ".join(SUMS)} FROM tower_valueday
        UNION ALL
        SELECT day, currency, dealer_id, factory_id, category, -1, -ordered_quantity, -ordered_amount,
            -delivered_quantity, -freight_amount,
            -(delivered_at IS NOT NULL AND delivered_quantity >= ordered_quantity)::int,
            -(delivered_at IS NOT NULL AND delivered_quantity >= ordered_quantity
                AND coalesce(delivered_date <= need_by_date, true))::int, 0, 0, 0, 0, 0
        FROM tower_orderlinefact WHERE day IS NOT NULL AND cancelled_at IS NULL
        UNION ALL
        SELECT day, currency, dealer_id, factory_id, category, 0, 0, 0, 0, 0, 0, 0, -baseline, -pooled, -dealer_share,
            -platform_share, -factory_share FROM tower_savinglinefact) every
    GROUP BY 1, 2, 3, 4, 5 HAVING ({", ".join(f"sum({name})" for name in SUMS)}) <> ({", ".join("0" for _ in SUMS)})
    """,
)
invariant(
    "tower.owned_stock_is_valued",
    "Finance values what the warehouses hold of the platform's own, but for what it was told and has not heard yet",
    """
    SELECT product_id, site_id, sum(on_hand) AS on_hand, sum(valued) AS valued, sum(waiting) AS waiting FROM (
        SELECT quant.product_id, house.site_id, quant.on_hand, 0 AS valued, 0 AS waiting FROM warehousing_quant quant
        JOIN warehousing_location place ON place.id = quant.location_id
        JOIN warehousing_warehouse house ON house.id = place.warehouse_id
        WHERE quant.owner_id IS NULL AND quant.status NOT IN ('INSPECTION', 'DAMAGED')
        UNION ALL
        SELECT product_id, warehouse_site_id, 0, quantity, 0 FROM finance_stockvalue
        UNION ALL
        SELECT (line ->> 'product_id')::bigint, (line ->> 'warehouse_site_id')::bigint, 0, 0,
            (line ->> 'quantity')::bigint
        FROM outbox_delivery delivery JOIN outbox_outboxevent event ON event.id = delivery.event_id
        CROSS JOIN LATERAL json_array_elements(event.payload -> 'lines') line
        WHERE delivery.handler = 'finance.value_stock' AND delivery.status <> 'DONE'
    ) stock GROUP BY 1, 2 HAVING sum(on_hand) <> sum(valued) + sum(waiting)
    """,
)
