"""What a machine credential may be allowed: a scope per part of the API and direction, and which kinds may hold it."""

from __future__ import annotations

from collections.abc import Iterable

from b2b.core.actor import CARRIER, DEALER, FACTORY, FUNDER, KINDS

_ALL = frozenset(KINDS) - {"operator"}

# scope -> (what it allows, which kinds may hold it); operators may hold every scope.
SCOPES: dict[str, tuple[str, frozenset[str]]] = {
    "catalog:read": ("See products and their packs", _ALL),
    "directory:read": ("See one's own organisation and sites", _ALL),
    "orders:read": ("See orders and purchase orders", frozenset({DEALER, FACTORY, FUNDER})),
    "orders:write": ("Place, change, answer and despatch orders", frozenset({DEALER, FACTORY})),
    "warehousing:read": ("See stock and its movements", frozenset({DEALER, FACTORY, FUNDER})),
    "warehousing:write": ("Record receipts, picks and packs", frozenset()),
    "epcis:read": ("Query EPCIS events", frozenset({DEALER, FACTORY, CARRIER})),
    "epcis:write": ("Send EPCIS events", frozenset({DEALER, FACTORY, CARRIER})),
    "recalls:read": ("See recalls of goods one got", frozenset({DEALER})),
    "recalls:write": ("Answer recalls", frozenset({DEALER})),
    "logistics:read": ("See shipments and trips", frozenset({DEALER, FACTORY, CARRIER})),
    "logistics:write": ("Report departures, positions and deliveries", frozenset({CARRIER})),
    "finance:read": ("See invoices, balances and advances", frozenset({DEALER, FACTORY, FUNDER})),
    "finance:write": ("Send bills and answer financing requests", frozenset({DEALER, FACTORY, FUNDER})),
    "financing:read": ("See programmes, offers and financings", frozenset({DEALER, FACTORY, FUNDER})),
    "financing:write": ("Ask for money, and answer as a funder", frozenset({DEALER, FACTORY, FUNDER})),
    "value:read": ("See what circulation costs and saves", _ALL),
    "jobs:read": ("See requests that were left to a worker", _ALL),
    "events:read": ("Read the event feed", _ALL),
    "events:write": ("Manage webhook subscriptions", _ALL),
}


def allowed(kind: str) -> list[str]:
    """Return the scopes a credential of such an organisation may have."""
    return [scope for scope, (_, kinds) in SCOPES.items() if kind == "operator" or kind in kinds]


def not_allowed(kind: str, scopes: Iterable[str]) -> list[str]:
    """Return those of `scopes` that are unknown or not for such an organisation."""
    good = set(allowed(kind))
    return sorted(set(scopes) - good)
