"""The rules of the warehouse, as pure functions."""
