"""Pages of webhooks on both sites; importing the package registers them."""

from b2b.exchange.admin import webhook

__all__ = ["webhook"]
