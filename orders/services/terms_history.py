"""Write down who changed which terms, as they were and as they are, in one statement for any number of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from b2b.core.actor import Actor
from b2b.db.bulk import execute, staged

_COLUMNS: Final = {
    "subject": "text",
    "subject_id": "bigint",
    "seller_id": "bigint",
    "verb": "text",
    "before": "jsonb",
    "after": "jsonb",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed; `before` is None for what is new, `after` for what was removed."""

    subject: str
    subject_id: int
    seller_id: int
    verb: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def record(changes: Iterable[Change], *, by: Actor, at: datetime, reason: str = "") -> None:
    """Append the changes to the history; the caller acts as the platform."""
    rows = [
        (one.subject, one.subject_id, one.seller_id, one.verb, _text(one.before), _text(one.after))
        for one in changes
    ]
    if not rows:
        return
    with staged(_COLUMNS, rows, name="terms_changes") as table:
        execute(
            f"""
            INSERT INTO orders_termschange (subject, subject_id, seller_id, verb, before, after, reason, actor_name,
                organization_id, user_id, at)
            SELECT subject, subject_id, seller_id, verb, before, after, %(reason)s::text, %(actor_name)s::text,
                %(organization_id)s::bigint, %(user_id)s::bigint, %(at)s::timestamptz FROM {table}
            """,
            {
                "reason": reason[:500],
                "actor_name": str(by)[:150],
                "organization_id": by.organization_id,
                "user_id": by.user_id,
                "at": at,
            },
        )


def _text(value: dict[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value, default=str)
