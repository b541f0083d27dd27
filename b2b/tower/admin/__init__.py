"""The pages of the control tower: the value of circulation, what needs somebody, the story of an order."""

from b2b.tower.admin import story, value_documents, value_page

__all__ = ["story", "value_documents", "value_page"]
