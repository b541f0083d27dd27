"""The control tower in the API."""
