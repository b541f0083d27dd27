"""The pull feed: every event a party may know, in commit order, with none lost to late commits."""

from __future__ import annotations

import base64
import binascii
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from b2b.catalog.models import Product
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Invalid, NotFound
from b2b.db.bulk import fetch
from b2b.directory.models import Organization, Site
from b2b.exchange.policies.envelope import envelope, keys_in, public

PAGE_MAX = 500
START = (0, UUID(int=0))

# Rows of transactions that may still commit are held back: a reader's cursor never passes an event it has not seen.
# Transactions are numbered by the server, so a long one in a neighbouring database delays the feed as well.
EVENTS = """
    SELECT xid, id, topic, aggregate_id, occurred_at, payload FROM outbox_outboxevent
    WHERE (xid, id) > (%s, %s) AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        AND (%s OR %s = ANY(parties))
        AND (cardinality(%s::text[]) = 0 OR topic = ANY(%s))
    ORDER BY xid, id LIMIT %s
"""
EVENT = """
    SELECT id, topic, aggregate_id, occurred_at, payload FROM outbox_outboxevent
    WHERE id = %s AND (%s OR %s = ANY(parties))
"""


class BadCursor(Invalid):
    """The cursor is not one this feed gave out; start without `after` or use the last `next`."""

    code = "bad_cursor"


@dataclass(frozen=True, slots=True)
class Page:
    """Events in the order they were committed, and the cursor to ask on with."""

    events: list[dict[str, Any]]
    next: str


def read(actor: Actor, *, after: str = "", limit: int = 100, topics: list[str] | None = None) -> Page:
    """Return up to `limit` events after the cursor; constant queries whatever the page.

    Method: watermark below `pg_snapshot_xmin` (an id cursor alone loses events that commit late).

    :raises BadCursor: when `after` was not given out by this feed.
    """
    xid, event_id = _decode(after) if after else START
    wanted = topics or []
    rows = fetch(
        EVENTS,
        [xid, event_id, actor.sees_all, actor.organization_id, wanted, wanted, min(max(limit, 1), PAGE_MAX)],
    )
    events = envelopes([row[1:] for row in rows])
    return Page(events, _encode(rows[-1][0], rows[-1][1]) if rows else after)


def one(actor: Actor, event_id: UUID) -> dict[str, Any]:
    """Return one event an actor is a party to.

    :raises NotFound: when there is none.
    """
    rows = fetch(EVENT, [event_id, actor.sees_all, actor.organization_id])
    if not rows:
        raise NotFound
    return envelopes(rows)[0]


def envelopes(rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Return rows (id, topic, aggregate, moment, payload) as parties read them; a query for each kind of name.

    A payload None stands for one that is too large to be sent: it is to be fetched from the feed.
    """
    payloads = [_loads(row[4]) for row in rows]
    names = _names(payloads)
    return [
        envelope(
            event_id=str(key),
            topic=topic,
            subject=aggregate_id,
            occurred_at=occurred_at.isoformat(),
            data=None if payload is None else public(payload, names),
        )
        for (key, topic, aggregate_id, occurred_at, _), payload in zip(rows, payloads, strict=True)
    ]


def _names(payloads: list[Any]) -> dict[tuple[str, int], str]:
    """Look up the public names of everything the payloads mention, one query a kind."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for kind, key in keys_in(payloads):
        wanted[kind].add(key)
    sources = {
        "organization": (Organization, "code"),
        "product": (Product, "sku"),
        "site": (Site, "code"),
    }
    names = {}
    with acting_as(system("feed")):  # the reader may see the event, and with it the names of what it mentions
        for kind, keys in wanted.items():
            model, label = sources[kind]
            for key, name in model._default_manager.filter(pk__in=keys).values_list("pk", label):
                names[kind, key] = name
    return names


def _loads(payload: Any) -> Any:
    return json.loads(payload) if isinstance(payload, str) else payload


def _encode(xid: int, key: UUID) -> str:
    return base64.urlsafe_b64encode(f"{xid}.{key.hex}".encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[int, UUID]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        xid, _, key = text.partition(".")
        number = int(xid)
        if not 0 <= number < 2**63:
            raise ValueError(number)
        return number, UUID(hex=key)
    except (ValueError, binascii.Error, UnicodeDecodeError) as error:
        raise BadCursor from error
