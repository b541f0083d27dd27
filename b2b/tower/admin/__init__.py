"""The pages of the control tower: what waits for somebody, the value of circulation, the story of an order."""

from b2b.tower.admin import story, supply_page, tower_page, value_documents, value_page

__all__ = ["story", "supply_page", "tower_page", "value_documents", "value_page"]
