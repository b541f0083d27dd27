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
