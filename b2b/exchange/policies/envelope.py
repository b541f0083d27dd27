"""From an internal fact to what an outside party reads: CloudEvents 1.0 with public names only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SOURCE = "/midstream"

# Internal keys and the public name that stands for them; the kind says where the name is looked up.
NAMED = {
    "dealer_id": ("dealer", "organization"),
    "factory_id": ("factory", "organization"),
    "carrier_id": ("carrier", "organization"),
    "product_id": ("product", "product"),
    "warehouse_site_id": ("warehouse", "site"),
    "ship_to_site_id": ("ship_to", "site"),
}
# Row keys never leave the platform: a line is known by its document and number.
HIDDEN = frozenset({"line_id", "order_line_id", "purchase_order_line_id"})


def keys_in(payload: Any) -> Iterator[tuple[str, int]]:
    """Yield (kind, key) of everything in the payload that must be named."""
    if isinstance(payload, Mapping):
        for name, value in payload.items():
            if name in NAMED and value is not None:
                yield NAMED[name][1], int(value)
            else:
                yield from keys_in(value)
    elif isinstance(payload, list):
        for value in payload:
            yield from keys_in(value)


def public(payload: Any, names: Mapping[tuple[str, int], str]) -> Any:
    """Return the payload with internal keys replaced by public names and row keys left out."""
    if isinstance(payload, Mapping):
        shown = {}
        for name, value in payload.items():
            if name in HIDDEN:
                continue
            if name in NAMED:
                label, kind = NAMED[name]
                shown[label] = names.get((kind, value)) if value is not None else None
            else:
                shown[name] = public(value, names)
        return shown
    if isinstance(payload, list):
        return [public(value, names) for value in payload]
    return payload


def envelope(*, event_id: str, topic: str, subject: str, occurred_at: str, data: Any) -> dict[str, Any]:
    """Wrap a public payload in a CloudEvents 1.0 envelope (JSON event format, section 3).

    `partitionkey` (extension "partitioning") is the document the fact is about. Without data the envelope says where
    to fetch it (extension "dataref").
    """
    head = {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCE,
        "type": topic,
        "subject": subject,
        "time": occurred_at,
        "partitionkey": subject,
    }
    if data is None:
        return {**head, "dataref": f"/api/v1/events/{event_id}/"}
    return {**head, "datacontenttype": "application/json", "data": data}


def numbered(body: str, sequence: int) -> bytes:
    """Return a written envelope with its place among all that its receiver gets (extension "sequence")."""
    return f'{body[:-1]},"sequence":"{sequence}","sequencetype":"Integer"}}'.encode()
