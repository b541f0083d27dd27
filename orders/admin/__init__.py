"""The pages of orders on both sites; importing the package registers them."""

from orders.admin import bulk, cycle, home, order, pricing, purchase, savings, signal

__all__ = ["bulk", "cycle", "home", "order", "pricing", "purchase", "savings", "signal"]
