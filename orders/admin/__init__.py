"""The pages of orders on both sites; importing the package registers them."""

from orders.admin import (
    agreement,
    approval,
    blanket,
    bulk,
    cycle,
    home,
    my_prices,
    order,
    purchase,
    quotation,
    quotation_forms,
    rule,
    savings,
    sharing,
    signal,
    source,
    why,
)

__all__ = [
    "agreement", "approval", "blanket", "bulk", "cycle", "home", "my_prices", "order", "purchase", "quotation",
    "quotation_forms", "rule", "savings", "sharing", "signal", "source", "why",
]  # fmt: skip
