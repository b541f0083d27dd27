"""What must hold between the tower's figures and the facts they come from."""

from b2b.db.invariants import invariant

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
