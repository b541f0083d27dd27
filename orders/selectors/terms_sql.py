"""The resolver as SQL: whose terms hold for any number of (buyer, product, quantity) rows, in one statement.

Two texts with one place to fill in, `{rows}`: the name of a staged table, or a query in brackets with an alias. Both
take the parameters `currency`, `day`, and `factory` (a key, or None for any), and stand wherever a query may, also as
a subquery that is joined:

    SELECT row.number, priced.unit_price FROM staged_rows row
    LEFT JOIN ({PRICED.format(rows="staged_rows")}) priced USING (buyer_id, product_id, quantity)

Which terms hold: among the active sources of the product, by priority, the first that has an agreement for the buyer
in the currency on the day; of its agreements the nearest, buyer before group before everyone, then the lowest
priority. An agreement with its breaks holds as a whole; it is not mixed with one further off. Order rules are found
field by field, in the same order, those for the product before those for all products of the seller.

Every join is of plain columns, so that the planner knows how many rows come of it: it joins large sets by hash.
"""

from __future__ import annotations

from typing import Final


def _near(asked: str, columns: str, table: str, where: str) -> str:
    """Return a query that joins `asked` to the rows `term` of a table of terms, nearest audience first: 1, 2, 3."""
    return f"""
        SELECT {columns}, 1 AS distance FROM {asked} asked
        JOIN {table} term ON term.buyer_id = asked.buyer_id AND {where}
        UNION ALL
        SELECT {columns}, 2 FROM {asked} asked JOIN member ON member.organization_id = asked.buyer_id
        JOIN {table} term ON term.buyer_group_id = member.group_id AND {where}
        UNION ALL
        SELECT {columns}, 3 FROM {asked} asked
        JOIN {table} term ON term.audience = 0 AND {where}"""


def _nearest(value: str, condition: str = "true", kind: str = "bigint") -> str:
    """Return the aggregate of a field: where it stands in the order of nearness, with its value last."""
    order = f"ARRAY[distance, breadth, priority, rule_id, {value}]::{kind}[]"
    return f"min({order}) FILTER (WHERE {value} IS NOT NULL AND {condition}) AS {value}"


_LIVE: Final = "term.valid_from <= %(day)s AND (term.valid_to IS NULL OR term.valid_to >= %(day)s)"
_QUANTITIES: Final = ", ".join(_nearest(name) for name in ("min_quantity", "order_multiple", "max_quantity"))
_RULE: Final = "term.priority, term.id AS rule_id, term.min_quantity, term.order_multiple, term.max_quantity"

# `rows` has buyer_id (0: nobody in particular) and product_id, bigint and not null; one pair may come many times.
# Answers one row per pair that somebody sells: buyer_id, product_id, seller_id, source_id, agreement_id,
# lead_time_days, source_minimum, source_multiple; min_quantity, order_multiple (1 unless ruled), max_quantity,
# min_amount (null unless ruled); and the break table as two arrays that ascend together: quantities, prices.
# The price of a quantity is prices[width_bucket(quantity, quantities)], null below the first break.
TERMS: Final = f"""
    WITH pair AS MATERIALIZED (
        SELECT buyer_id, product_id FROM {{rows}} GROUP BY buyer_id, product_id
    ), member AS MATERIALIZED (
        SELECT organization_id, group_id FROM directory_buyergroupmembership term WHERE {_LIVE}
        GROUP BY organization_id, group_id
    ), offer AS MATERIALIZED (
        SELECT DISTINCT ON (candidate.buyer_id, candidate.product_id)
            candidate.buyer_id, candidate.product_id, candidate.seller_id, source.id AS source_id,
            candidate.agreement_id, source.lead_time_days, source.moq AS source_minimum,
            source.order_multiple AS source_multiple
        FROM ({
    _near(
        "pair",
        "asked.buyer_id, asked.product_id, term.seller_id, term.id AS agreement_id, term.priority",
        "orders_priceagreement",
        f"term.product_id = asked.product_id AND term.currency = %(currency)s AND {_LIVE}",
    )
}) candidate
        JOIN orders_supplysource source ON source.product_id = candidate.product_id
            AND source.factory_id = candidate.seller_id AND source.is_active
        WHERE %(factory)s::bigint IS NULL OR candidate.seller_id = %(factory)s
        ORDER BY candidate.buyer_id, candidate.product_id, source.priority, source.id,
            candidate.distance, candidate.priority, candidate.agreement_id
    ), price_table AS MATERIALIZED (
        SELECT agreement_id, array_agg(min_quantity ORDER BY min_quantity) AS quantities,
            array_agg(unit_price ORDER BY min_quantity) AS prices
        FROM orders_pricebreak WHERE agreement_id IN (SELECT agreement_id FROM offer)
        GROUP BY agreement_id
    ), trade AS MATERIALIZED (
        SELECT buyer_id, seller_id FROM offer GROUP BY buyer_id, seller_id
    ), of_product AS MATERIALIZED (
        SELECT buyer_id, product_id, {_QUANTITIES} FROM (
            SELECT *, 1 AS breadth FROM ({
    _near(
        "offer",
        f"asked.buyer_id, asked.product_id, {_RULE}",
        "orders_orderrule",
        "term.product_id = asked.product_id AND term.seller_id = asked.seller_id",
    )
}) near) ranked
        GROUP BY buyer_id, product_id
    ), of_seller AS MATERIALIZED (
        SELECT buyer_id, seller_id, {_QUANTITIES}, {
    _nearest("min_amount", "currency = %(currency)s", "numeric")
}
        FROM (
            SELECT *, 2 AS breadth FROM ({
    _near(
        "trade",
        f"asked.buyer_id, asked.seller_id, {_RULE}, term.min_amount, term.currency",
        "orders_orderrule",
        "term.product_id IS NULL AND term.seller_id = asked.seller_id",
    )
}) near) ranked
        GROUP BY buyer_id, seller_id
    )
    SELECT offer.*,
        coalesce((least(of_product.min_quantity, of_seller.min_quantity))[5], 1) AS min_quantity,
        coalesce((least(of_product.order_multiple, of_seller.order_multiple))[5], 1) AS order_multiple,
        (least(of_product.max_quantity, of_seller.max_quantity))[5] AS max_quantity,
        of_seller.min_amount[5] AS min_amount, price_table.quantities, price_table.prices
    FROM offer
    JOIN price_table ON price_table.agreement_id = offer.agreement_id
    LEFT JOIN of_product ON of_product.buyer_id = offer.buyer_id AND of_product.product_id = offer.product_id
    LEFT JOIN of_seller ON of_seller.buyer_id = offer.buyer_id AND of_seller.seller_id = offer.seller_id
"""

# `rows` has buyer_id, product_id and quantity (base units, bigint) besides. Answers one row per such triple that
# somebody sells: the columns of TERMS without its arrays, and unit_price (null below the first break),
# next_quantity and next_price (the next break above the quantity that is cheaper; null when there is none).
# Whoever judges an order fills in what it wants of a product in all: the break holds on the sum.
PRICED: Final = f"""
    SELECT given.buyer_id, given.product_id, given.quantity, terms.seller_id, terms.source_id, terms.agreement_id,
        terms.lead_time_days, terms.source_minimum, terms.source_multiple, terms.min_quantity, terms.order_multiple,
        terms.max_quantity, terms.min_amount, terms.prices[held.step] AS unit_price,
        terms.quantities[ahead.step] AS next_quantity, terms.prices[ahead.step] AS next_price
    FROM (SELECT buyer_id, product_id, quantity FROM {{rows}} GROUP BY buyer_id, product_id, quantity) given
    JOIN ({TERMS}) terms ON terms.buyer_id = given.buyer_id AND terms.product_id = given.product_id
    CROSS JOIN LATERAL (SELECT width_bucket(given.quantity, terms.quantities) AS step) held
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN held.step = 0 OR terms.prices[held.step + 1] < terms.prices[held.step] THEN held.step + 1
            ELSE (SELECT min(later) FROM generate_series(held.step + 2, cardinality(terms.prices)) later
                  WHERE terms.prices[later] < terms.prices[held.step])
        END AS step) ahead
"""

# What the platform pays a factory itself: the latest purchase price table of each source, and where it has none what
# the factory asks of everyone. `factories` and `products` are pairs.
PURCHASE: Final = """
    SELECT source.factory_id, source.product_id, source.lead_time_days, source.moq, source.order_multiple,
        coalesce(own.quantities, listed.quantities) AS quantities, coalesce(own.prices, listed.prices) AS prices
    FROM unnest(%(factories)s::bigint[], %(products)s::bigint[]) asked (factory_id, product_id)
    JOIN orders_supplysource source ON source.factory_id = asked.factory_id AND source.product_id = asked.product_id
    LEFT JOIN LATERAL (
        SELECT array_agg(min_quantity ORDER BY min_quantity) AS quantities,
            array_agg(unit_price ORDER BY min_quantity) AS prices
        FROM orders_sourcebreak WHERE source_id = source.id AND currency = %(currency)s AND valid_from = (
            SELECT max(valid_from) FROM orders_sourcebreak
            WHERE source_id = source.id AND currency = %(currency)s AND valid_from <= %(day)s)) own ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(min_quantity ORDER BY min_quantity) AS quantities,
            array_agg(unit_price ORDER BY min_quantity) AS prices
        FROM orders_pricebreak WHERE agreement_id = (
            SELECT agreement.id FROM orders_priceagreement agreement
            WHERE own.quantities IS NULL AND agreement.product_id = source.product_id AND agreement.audience = 0
                AND agreement.seller_id = source.factory_id AND agreement.currency = %(currency)s
                AND agreement.valid_from <= %(day)s
                AND (agreement.valid_to IS NULL OR agreement.valid_to >= %(day)s)
                AND EXISTS (SELECT FROM orders_pricebreak step WHERE step.agreement_id = agreement.id)
            ORDER BY agreement.priority, agreement.id LIMIT 1)) listed ON true
    WHERE source.is_active AND coalesce(own.quantities, listed.quantities) IS NOT NULL
"""
