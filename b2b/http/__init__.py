"""The conventions of the API, once for all apps: callers, refusals, pages, changes (docs/api.md)."""
