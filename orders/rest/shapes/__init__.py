"""How orders look in the API."""
