"""The rows of an earlier order, to be ordered again."""

from __future__ import annotations

import json

from orders.models import Order
from orders.policies.raw_row import RawRow


def rows_of(order: Order) -> list[RawRow]:
    """Return the lines of an order as its dealer entered them, in one query; the caller may see the order.

    Days are left out, for they are past: what is ordered again is wanted anew. So is the currency: prices are today's.
    """
    lines = order.lines.order_by("line_number").values_list(
        "line_number", "product__sku", "entered_quantity", "entered_unit", "pack_units", "ship_to_site__code",
        "max_unit_price", "flex_up", "flex_down", "options", "all_or_nothing",
    )  # fmt: skip
    rows = []
    for number, sku, quantity, unit, pack, site, ceiling, up, down, options, whole in lines:
        values = {"sku": sku, "quantity": str(quantity), "unit": unit, "ship_to": site}
        if ceiling is not None:
            values["max_unit_price"] = f"{ceiling:f}"
        if up:
            values["flex_up"] = str(up // pack)
        if down:
            values["flex_down"] = str(down // pack)
        if options:
            values["options"] = json.dumps(options, ensure_ascii=False)
        if whole:
            values["all_or_nothing"] = "yes"
        rows.append(RawRow(number, values))
    return rows
