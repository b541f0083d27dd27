"""`orders.policies.sharing.reprice` in SQL, for the lines of a whole cycle; a test compares the two."""

from __future__ import annotations

from typing import Final

# Each step needs the one before, and costs as much as it computes: none is a mere difference. Whole numbers of
# millionths make the price exact: rounded up, as the policy says.
_STEPS: Final = (
    """round(solo_unit_price * pooled_quantity, %(places)s) AS baseline,
        round(unit_price * line_quantity, %(places)s) AS before,
        round(pool_cost, %(places)s) AS bought""",
    """least(bought, baseline) AS pooled, baseline - least(bought, baseline) AS saving,
        least(round((baseline - least(bought, baseline)) * %(dealer)s / 10000, %(places)s), before) AS target""",
    """least(unit_price, greatest(0, div((unit_price * line_quantity - target) * 1000000 + line_quantity - 1,
        line_quantity) / 1000000))::numeric(18, 6) AS fair_unit_price""",
    """CASE WHEN ceiling IS NOT NULL AND before - round(ceiling * line_quantity, %(places)s) <= saving
        THEN least(fair_unit_price, ceiling) ELSE fair_unit_price END AS joined_unit_price""",
    "round(joined_unit_price * line_quantity, %(places)s) AS after",
    """before - after AS dealer_share,
        round((saving - before + after) * %(platform)s / %(others)s, %(places)s) AS platform_share""",
)


def repriced(lines: str) -> str:
    """Return a query that adds baseline, pooled, the shares and the new price and amounts to the lines of another.

    `lines` is a query of lines with their prices, ceiling, need, line_quantity, pooled_quantity and what that cost the
    pool; a line that did not join has no pool_cost and keeps its price. Parameters: places (of the currency), dealer
    (basis points), and the platform's part of all that `others` get.
    """
    query = f"({lines}) line"
    for step in _STEPS:
        # OFFSET 0 keeps each step computed once: the planner would write it out wherever a later one reads it.
        query = f"(SELECT *, {step} FROM {query} OFFSET 0) line"
    return f"""
        SELECT id, order_id, dealer_id, factory_id, product_id, line_quantity, flexed, newly_covered, pooled_quantity,
            waiting, taken, waiting_reason, schedule_line_id, purchase_order_line_id, baseline, pooled, dealer_share,
            platform_share, saving - dealer_share - platform_share AS factory_share,
            coalesce(joined_unit_price, unit_price) AS new_unit_price, after AS new_net_amount,
            round(after * tax_rate, %(places)s) AS new_tax_amount,
            coalesce(joined_unit_price < unit_price OR flexed <> 0, false) AS is_changed
        FROM {query}
    """
