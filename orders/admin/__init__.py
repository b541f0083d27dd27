"""The pages of orders on both sites; importing the package registers them."""

from orders.admin import (
    agreement,
    bulk,
    cycle,
    home,
    my_prices,
    order,
    purchase,
    rule,
    savings,
    signal,
    source,
)

__all__ = [
    "agreement", "bulk", "cycle", "home", "my_prices", "order", "purchase", "rule", "savings", "signal", "source",
]  # fmt: skip
