"""The pages of the control tower: the value of circulation and the story of an order."""

from b2b.tower.admin import story, supply_page, value_documents, value_page

__all__ = ["story", "supply_page", "value_documents", "value_page"]
