"""What other apps add to a document's page: tables and moments, named by the document's model label.

An order's page shows its shipments and invoices although orders imports neither logistics nor finance:
those register here, keyed by "orders.order".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest

from b2b.admin.tables import Entry, Table

TableSource = Callable[[HttpRequest, Any], Iterable[Table]]
EntrySource = Callable[[HttpRequest, Any], Iterable[Entry]]

_tables: dict[str, list[TableSource]] = defaultdict(list)
_entries: dict[str, list[EntrySource]] = defaultdict(list)


def adds_tables(label: str) -> Callable[[TableSource], TableSource]:
    """Register a function that returns tables for a document of the model with this label."""

    def add(source: TableSource) -> TableSource:
        _tables[label].append(source)
        return source

    return add


def adds_entries(label: str) -> Callable[[EntrySource], EntrySource]:
    """Register a function that returns moments for a document of the model with this label."""

    def add(source: EntrySource) -> EntrySource:
        _entries[label].append(source)
        return source

    return add


def tables_of(request: HttpRequest, obj: Any) -> list[Table]:
    """Return the tables that other apps have for a document."""
    return [table for source in _tables[obj._meta.label_lower] for table in source(request, obj)]


def entries_of(request: HttpRequest, obj: Any) -> list[Entry]:
    """Return the moments that other apps have for a document."""
    return [entry for source in _entries[obj._meta.label_lower] for entry in source(request, obj)]
