"""The pages of orders on both sites; importing the package registers them."""

from orders.admin import (
    agreement,
    approval,
    blanket,
    bulk,
    claim,
    cost,
    cycle,
    home,
    my_prices,
    order,
    purchase,
    quotation,
    quotation_forms,
    returns,
    rule,
    savings,
    sharing,
    signal,
    source,
    why,
)

__all__ = [
    "agreement", "approval", "blanket", "bulk", "claim", "cost", "cycle", "home", "my_prices", "order", "purchase",
    "quotation", "quotation_forms", "returns", "rule", "savings", "sharing", "signal", "source", "why",
]  # fmt: skip
