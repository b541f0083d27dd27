"""A request handler that keeps its access log to itself."""

from typing import Any

from django.core.servers.basehttp import WSGIRequestHandler


class QuietHandler(WSGIRequestHandler):
    """Serve without writing a line per request into the output of the tests."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Drop the line."""
