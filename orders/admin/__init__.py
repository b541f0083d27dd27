"""The pages of orders on both sites; importing the package registers them."""

from orders.admin import cycle, home, order, pricing, purchase, savings, signal

__all__ = ["cycle", "home", "order", "pricing", "purchase", "savings", "signal"]
