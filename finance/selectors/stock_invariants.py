"""What must always hold of the value of stock, as queries for the rows that break it."""

from __future__ import annotations

from typing import Final

from b2b.db.invariants import invariant

NAMES: Final = (
    "finance.stock_is_worth_its_account",
    "finance.stock_is_its_layers",
    "finance.stock_is_its_movements",
)

invariant(
    "finance.stock_is_worth_its_account",
    "The value of every stock is the balance of the stock account about it, to the cent.",
    """
    SELECT stock.id, stock.value, ledger.about, ledger.amount FROM finance_stockvalue stock
    FULL JOIN (
        SELECT line.dimension AS about, sum(line.amount) AS amount FROM finance_journalline line
        JOIN finance_account account ON account.id = line.account_id AND account.code = '1300'
        GROUP BY 1) ledger ON ledger.about = 'stock:' || stock.warehouse_site_id || '/' || stock.product_id
    WHERE coalesce(stock.value, 0) <> coalesce(ledger.amount, 0)
    """,
)
invariant(
    "finance.stock_is_its_layers",
    "The layers of every stock are its quantity and its value.",
    """
    SELECT stock.id, stock.quantity, stock.value, layers.quantity AS layer_quantity, layers.value AS layer_value
    FROM finance_stockvalue stock
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(whole - taken), 0) AS quantity,
            coalesce(sum(worth - floor((2 * worth::numeric * taken + whole) / (2 * whole))), 0) AS value
        FROM unnest(stock.layer_quantities, stock.layer_values, stock.layer_taken) layer(whole, worth, taken)) layers
    WHERE layers.quantity <> greatest(stock.quantity, 0) OR layers.value <> stock.value
    """,
)
invariant(
    "finance.stock_is_its_movements",
    "Every stock is the sum of what moved, and of what was booked of it.",
    """
    SELECT stock.id, stock.quantity, stock.value, moved.*, booked.* FROM finance_stockvalue stock
    LEFT JOIN (
        SELECT product_id, warehouse_site_id, sum(quantity) AS quantity, sum(value) AS value,
            sum(quantity) FILTER (WHERE NOT is_void) AS counted, bool_and(is_valued) AS is_valued
        FROM finance_stockmovement GROUP BY 1, 2) moved USING (product_id, warehouse_site_id)
    LEFT JOIN (
        SELECT stock_id, sum(quantity) AS booked_quantity, sum(value) AS booked_value
        FROM finance_stockvalueentry GROUP BY 1) booked ON booked.stock_id = stock.id
    WHERE NOT coalesce(moved.is_valued, true) OR coalesce(moved.counted, 0) <> stock.quantity
        OR coalesce(moved.value, 0) <> stock.value OR coalesce(booked.booked_value, 0) <> stock.value
        OR coalesce(booked.booked_quantity, 0) <> coalesce(moved.quantity, 0)
    """,
)
