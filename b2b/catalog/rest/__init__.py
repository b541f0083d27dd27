"""The catalogue in the API."""
