"""Who makes a product."""

from __future__ import annotations

from collections.abc import Iterable

from b2b.db.bulk import fetch


def first_by_product(product_ids: Iterable[int]) -> dict[int, int]:
    """Return the factory of first priority of each product; one that nobody makes is missing. One query."""
    return dict(
        fetch(
            """
            SELECT DISTINCT ON (product_id) product_id, factory_id FROM orders_supplysource
            WHERE is_active AND product_id = ANY(%s) ORDER BY product_id, priority, id
            """,
            [list(product_ids)],
        )
    )


def lead_times(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Return the lead time in days of (factory, product) pairs that are sources. One query."""
    wanted = set(pairs)
    return {
        (factory_id, product_id): days
        for factory_id, product_id, days in fetch(
            """
            SELECT factory_id, product_id, lead_time_days FROM orders_supplysource
            WHERE factory_id = ANY(%s) AND product_id = ANY(%s)
            """,
            [[factory for factory, _ in wanted], [product for _, product in wanted]],
        )
        if (factory_id, product_id) in wanted
    }
