"""Every address of the API, as the URL configuration knows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, get_resolver

PREFIX = "api/v1/"
PUBLIC = frozenset({"schema/", "docs/"})


def routes() -> dict[str, Any]:
    """Return the views under /api/v1/ by route."""
    found = dict(_walk(get_resolver().url_patterns, ""))
    return {
        route.removeprefix(PREFIX): view
        for route, view in found.items()
        if route.startswith(PREFIX) and route.removeprefix(PREFIX) not in PUBLIC
    }


def addresses(before: str) -> list[str]:
    """Return the routes that begin so, with their converters still in them."""
    return [route for route, _ in _walk(get_resolver().url_patterns, "") if route.startswith(before)]


def takes(view: Any, method: str) -> bool:
    """Tell whether a view takes a method: one of changes has its base's POST, and does not take it."""
    return hasattr(view, method) and method in getattr(view, "http_method_names", (method,))


def _walk(patterns: list[Any], before: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield (
                route,
                pattern.callback.view_class if hasattr(pattern.callback, "view_class") else pattern.callback,
            )
        else:
            yield from _walk(pattern.url_patterns, route)


def fill(route: str, values: dict[str, Any]) -> str:
    """Return the address of a route with values put in."""
    for name, value in values.items():
        start = route.index(f":{name}>")
        route = route[: route.rindex("<", 0, start)] + str(value) + route[start + len(name) + 2 :]
    return f"/{PREFIX}{route}"
