"""One effect per key: the answer is kept with the effect, in one transaction, and given again to whoever repeats."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError
from django.http import HttpResponse

from b2b.core.actor import Actor
from b2b.core.errors import DomainError, Invalid, Problem
from b2b.db.bulk import execute, execute_bound, fetch
from b2b.db.transactions import require_transaction, unit_of_work

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT_HEADERS = ("ETag", "Location", "Content-Type", "Preference-Applied", "Retry-After")
TWIN_TIMEOUT_MS = 5_000
LONGEST_KEY = 255
KEPT_DAYS = 14
LONG = 10_000  # bytes of an answer that is kept compressed


class KeyReused(DomainError):
    """This Idempotency-Key was used for another request; take a new key for a new request."""

    code = "idempotency_key_reused"
    status = 422


class InFlight(DomainError):
    """The same request is being worked on; ask again in a moment."""

    code = "idempotency_in_flight"
    status = 409


@dataclass(frozen=True, slots=True)
class Claim:
    """A key of an organisation and the request it stands for."""

    organization_id: int
    key: str
    request_hash: str


def claim_of(request: Any, actor: Actor) -> Claim | None:
    """Return what the caller's key stands for, or None without a key; reads the body, so call it before a transaction.

    :raises Invalid: when the key is empty, too long or not printable ASCII.
    """
    key = request.headers.get(HEADER)
    if key is None or actor.organization_id is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        fault = Problem("bad_idempotency_key", f"1 to {LONGEST_KEY} printable ASCII characters", field=HEADER)
        raise Invalid("The Idempotency-Key is not one.", problems=[fault])
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    for part in _parts(request):
        digest.update(len(part).to_bytes(8, "big") + part)
    return Claim(actor.organization_id, key, digest.hexdigest())


def _parts(request: Any) -> Iterator[bytes]:
    """Yield the body; of a multipart body its parts, because a repeated upload has another boundary."""
    data = request.data
    files = getattr(request, "FILES", None)
    if files or hasattr(data, "lists"):
        for name, values in sorted(data.lists()):
            yield name.encode(errors="replace")
            for value in values:
                if hasattr(value, "chunks"):
                    yield hashlib.sha256(b"".join(value.chunks())).digest()
                    value.seek(0)
                else:
                    yield str(value).encode(errors="replace")
    elif isinstance(data, bytes):
        yield data
    else:
        yield repr(data).encode(errors="replace")


def take(claim: Claim) -> HttpResponse | None:
    """Take the key for this transaction, or return the answer it already has; a twin waits until the first is through.

    :raises KeyReused: for another request. :raises InFlight: when the first takes longer than TWIN_TIMEOUT_MS.
    """
    require_transaction()
    execute("SELECT set_config('lock_timeout', %s, true)", [f"{TWIN_TIMEOUT_MS}ms"])
    own = [claim.organization_id, claim.key]
    try:
        taken = fetch(
            """
            INSERT INTO http_idempotencyrecord (organization_id, key, request_hash, headers, body)
            VALUES (%s, %s, %s, '{}', '') ON CONFLICT (organization_id, key) DO NOTHING RETURNING 1
            """,
            [*own, claim.request_hash],
        )
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == "55P03":
            raise InFlight(retry_after=1) from error
        raise
    if taken:
        return None
    ((kept_hash, status, headers, body, is_compressed),) = fetch(
        "SELECT request_hash, status, headers::text, body, is_compressed FROM http_idempotencyrecord"
        " WHERE organization_id = %s AND key = %s",
        own,
    )
    if kept_hash != claim.request_hash:
        raise KeyReused
    return _replay(status, headers, zlib.decompress(body) if is_compressed else bytes(body))


def _replay(status: int, headers: str, body: bytes) -> HttpResponse:
    response = HttpResponse(body, status=status)
    for name, value in json.loads(headers).items():
        response[name] = value
    response[REPLAYED] = "true"
    return response


def keep(claim: Claim, response: HttpResponse) -> None:
    """Keep the answer beside the effect."""
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    is_long = len(response.content) > LONG
    # Beside the statement: within its text bytes take twice as many characters.
    execute_bound(
        """
        UPDATE http_idempotencyrecord SET status = %(status)s, headers = %(headers)s::jsonb, body = %(body)s,
            is_compressed = %(is_long)s
        WHERE organization_id = %(organization)s AND key = %(key)s
        """,
        {
            "status": response.status_code,
            "headers": json.dumps(headers),
            "body": zlib.compress(response.content, level=1) if is_long else response.content,
            "is_long": is_long,
            "organization": claim.organization_id,
            "key": claim.key,
        },
    )


@unit_of_work()
def forget(*, at: datetime) -> int:
    """Drop answers older than KEPT_DAYS and return how many there were."""
    return execute(
        "DELETE FROM http_idempotencyrecord WHERE created_at < %s", [at - timedelta(days=KEPT_DAYS)]
    )
