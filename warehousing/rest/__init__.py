"""The warehouse in the API."""
