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
"""

from __future__ import annotations

from typing import Final

# `rows` has buyer_id (null: nobody in particular, answered as 0) and product_id, bigint; one pair may come many times.
# Answers one row per pair that somebody sells: buyer_id, product_id, seller_id, source_id, agreement_id,
# lead_time_days, source_minimum, source_multiple; min_quantity, order_multiple (1 unless ruled), max_quantity,
# min_amount (null unless ruled); and the break table as arrays that ascend together: quantities, prices, and beside
# each step the next cheaper one, next_quantities and next_prices (null where there is none).
TERMS: Final = """
    WITH pair AS MATERIALIZED (
        SELECT DISTINCT coalesce(buyer_id, 0)::bigint AS buyer_id, product_id FROM {rows}
    ), buyer AS MATERIALIZED (
        SELECT DISTINCT buyer_id FROM pair
    ), near AS MATERIALIZED (
        SELECT buyer_id, buyer_id AS audience, 1 AS distance FROM buyer WHERE buyer_id <> 0
        UNION ALL
        SELECT DISTINCT buyer_id, -member.group_id, 2
        FROM buyer JOIN directory_buyergroupmembership member ON member.organization_id = buyer.buyer_id
            AND member.valid_from <= %(day)s AND (member.valid_to IS NULL OR member.valid_to >= %(day)s)
        UNION ALL
        SELECT buyer_id, 0, 3 FROM buyer
    ), offer AS MATERIALIZED (
        SELECT DISTINCT ON (pair.buyer_id, pair.product_id)
            pair.buyer_id, pair.product_id, source.factory_id AS seller_id, source.id AS source_id,
            agreement.id AS agreement_id, source.lead_time_days, source.moq AS source_minimum,
            source.order_multiple AS source_multiple
        FROM pair
        JOIN near ON near.buyer_id = pair.buyer_id
        JOIN orders_supplysource source ON source.product_id = pair.product_id AND source.is_active
            AND (%(factory)s::bigint IS NULL OR source.factory_id = %(factory)s)
        JOIN orders_priceagreement agreement ON agreement.product_id = pair.product_id
            AND agreement.audience = near.audience AND agreement.seller_id = source.factory_id
            AND agreement.currency = %(currency)s AND agreement.valid_from <= %(day)s
            AND (agreement.valid_to IS NULL OR agreement.valid_to >= %(day)s)
            AND EXISTS (SELECT FROM orders_pricebreak step WHERE step.agreement_id = agreement.id)
        ORDER BY pair.buyer_id, pair.product_id, source.priority, source.id,
            near.distance, agreement.priority, agreement.id
    ), step AS MATERIALIZED (
        SELECT agreement_id, min_quantity, unit_price FROM orders_pricebreak
        WHERE agreement_id IN (SELECT agreement_id FROM offer)
    ), price_table AS MATERIALIZED (
        SELECT agreement_id,
            array_agg(min_quantity ORDER BY min_quantity) AS quantities,
            array_agg(unit_price ORDER BY min_quantity) AS prices,
            array_agg(next_quantity ORDER BY min_quantity) AS next_quantities,
            array_agg(next_price ORDER BY min_quantity) AS next_prices
        FROM (
            SELECT DISTINCT ON (step.agreement_id, step.min_quantity) step.agreement_id, step.min_quantity,
                step.unit_price, cheaper.min_quantity AS next_quantity, cheaper.unit_price AS next_price
            FROM step LEFT JOIN step cheaper ON cheaper.agreement_id = step.agreement_id
                AND cheaper.min_quantity > step.min_quantity AND cheaper.unit_price < step.unit_price
            ORDER BY step.agreement_id, step.min_quantity, cheaper.min_quantity) ranked
        GROUP BY agreement_id
    ), ruled AS MATERIALIZED (
        SELECT buyer_id, product_id,
            (array_agg(min_quantity ORDER BY distance, breadth, priority, id)
                FILTER (WHERE min_quantity IS NOT NULL))[1] AS min_quantity,
            (array_agg(order_multiple ORDER BY distance, breadth, priority, id)
                FILTER (WHERE order_multiple IS NOT NULL))[1] AS order_multiple,
            (array_agg(max_quantity ORDER BY distance, breadth, priority, id)
                FILTER (WHERE max_quantity IS NOT NULL))[1] AS max_quantity,
            (array_agg(min_amount ORDER BY distance, breadth, priority, id)
                FILTER (WHERE min_amount IS NOT NULL AND currency = %(currency)s))[1] AS min_amount
        FROM (
            SELECT offer.buyer_id, offer.product_id, near.distance, 1 AS breadth, rule.id, rule.priority,
                rule.min_quantity, rule.order_multiple, rule.max_quantity, rule.min_amount, rule.currency
            FROM offer JOIN near ON near.buyer_id = offer.buyer_id
            JOIN orders_orderrule rule ON rule.product_id = offer.product_id
                AND rule.audience = near.audience AND rule.seller_id = offer.seller_id
            UNION ALL
            SELECT offer.buyer_id, offer.product_id, near.distance, 2, rule.id, rule.priority,
                rule.min_quantity, rule.order_multiple, rule.max_quantity, rule.min_amount, rule.currency
            FROM offer JOIN near ON near.buyer_id = offer.buyer_id
            JOIN orders_orderrule rule ON rule.product_id IS NULL
                AND rule.audience = near.audience AND rule.seller_id = offer.seller_id) candidate
        GROUP BY buyer_id, product_id
    )
    SELECT offer.*, coalesce(ruled.min_quantity, 1) AS min_quantity,
        coalesce(ruled.order_multiple, 1) AS order_multiple, ruled.max_quantity, ruled.min_amount,
        price_table.quantities, price_table.prices, price_table.next_quantities, price_table.next_prices
    FROM offer
    JOIN price_table ON price_table.agreement_id = offer.agreement_id
    LEFT JOIN ruled ON ruled.buyer_id = offer.buyer_id AND ruled.product_id = offer.product_id
"""

# `rows` has buyer_id, product_id and quantity (base units, bigint) besides. Answers one row per such triple that
# somebody sells: the columns of TERMS without its arrays, and unit_price (null below the first break),
# next_quantity and next_price (the next break above the quantity that is cheaper; null when there is none).
# Whoever judges an order fills in what it wants of a product in all: the break holds on the sum.
PRICED: Final = (
    """
    SELECT given.buyer_id, given.product_id, given.quantity, terms.seller_id, terms.source_id, terms.agreement_id,
        terms.lead_time_days, terms.source_minimum, terms.source_multiple, terms.min_quantity, terms.order_multiple,
        terms.max_quantity, terms.min_amount, terms.prices[held.step] AS unit_price,
        CASE held.step WHEN 0 THEN terms.quantities[1] ELSE terms.next_quantities[held.step] END AS next_quantity,
        CASE held.step WHEN 0 THEN terms.prices[1] ELSE terms.next_prices[held.step] END AS next_price
    FROM (
        SELECT DISTINCT coalesce(buyer_id, 0)::bigint AS buyer_id, product_id, quantity::bigint FROM {rows}) given
    JOIN ("""
    + TERMS
    + """) terms ON terms.buyer_id = given.buyer_id AND terms.product_id = given.product_id
    CROSS JOIN LATERAL (SELECT width_bucket(given.quantity, terms.quantities) AS step) held
"""
)

# What the platform pays a factory itself: the latest purchase price table of each source.
PURCHASE: Final = """
    SELECT source.product_id, source.lead_time_days, source.moq, source.order_multiple,
        table_.quantities, table_.prices
    FROM orders_supplysource source
    LEFT JOIN LATERAL (
        SELECT max(valid_from) AS valid_from FROM orders_sourcebreak
        WHERE source_id = source.id AND currency = %(currency)s AND valid_from <= %(day)s) latest ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(min_quantity ORDER BY min_quantity) AS quantities,
            array_agg(unit_price ORDER BY min_quantity) AS prices
        FROM orders_sourcebreak
        WHERE source_id = source.id AND currency = %(currency)s AND valid_from = latest.valid_from) table_ ON true
    WHERE source.is_active AND source.factory_id = %(factory)s AND source.product_id = ANY(%(products)s)
"""
