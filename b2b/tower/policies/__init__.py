"""The arithmetic of the value view, without a database."""
