"""A small client of the API: one connection, one credential, pages followed, lost answers asked for again."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

API: Final = "/api/v1/"
TIMEOUT_S: Final = 60
ATTEMPTS: Final = 6
AGAIN: Final = (
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


class Refused(Exception):
    """The server's problem document (RFC 9457)."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(
            f"{status} {problem.get('code', '')}: {problem.get('detail', '')} {problem.get('errors', '')}"
        )
        self.status = status
        self.code = str(problem.get("code", ""))


@dataclass
class Client:
    """Call the API at `base` (scheme and host) with a key; `calls` counts the requests."""

    base: str
    key: str = field(repr=False)
    calls: int = 0
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def list(self, path: str, **query: object) -> Iterator[dict[str, Any]]:
        """Yield every row of a list, page by page."""
        following: str | None = f"{API}{path}?{urlencode({'page_size': 100, **query})}"
        while following:
            page = self._call("GET", following)
            yield from page["results"]
            following = page["next"]

    def get(self, path: str) -> dict[str, Any]:
        """Return a document."""
        return self._call("GET", urljoin(API, path))

    def post(
        self,
        path: str,
        body: object = None,
        *,
        key: str,
        content: bytes | None = None,
        content_type: str = "application/json",
        **query: object,
    ) -> dict[str, Any]:
        """Send a command once, however often the connection breaks: `key` is its Idempotency-Key.

        :raises Refused: when the server says no.
        """
        target = f"{API}{path}" + (f"?{urlencode(query)}" if query else "")
        sent = content if content is not None else json.dumps(body if body is not None else {}).encode()
        return self._call("POST", target, sent, {"Content-Type": content_type, "Idempotency-Key": key})

    def _call(
        self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        parts = urlsplit(target)
        place = parts.path + (f"?{parts.query}" if parts.query else "")
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                answer, text = self._send(method, place, body, headers or {})
            except (OSError, http.client.HTTPException):
                self.close()
                if last:
                    raise
                time.sleep(0.2 * 2**attempt)
                continue
            if answer.status < HTTPStatus.BAD_REQUEST:
                return dict(json.loads(text)) if text else {}
            refused = Refused(answer.status, _problem(text))
            if last or not _may_be_asked_again(refused):
                raise refused
            time.sleep(float(answer.headers.get("Retry-After") or 0.2 * 2**attempt))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _send(
        self, method: str, place: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        if self._connection is None:
            parts = urlsplit(self.base)
            kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
            self._connection = kind(parts.hostname or "localhost", parts.port, timeout=TIMEOUT_S)
        self.calls += 1
        self._connection.request(
            method,
            place,
            body,
            {"Authorization": f"Bearer {self.key}", "Accept": "application/json", **headers},
        )
        answer = self._connection.getresponse()
        return answer, answer.read()

    def close(self) -> None:
        """Hang up; the next call dials again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _may_be_asked_again(refused: Refused) -> bool:
    """Tell a server that is busy from one that means it."""
    if refused.status == HTTPStatus.CONFLICT:
        return refused.code == "idempotency_in_flight"
    return refused.status in AGAIN


def _problem(text: bytes) -> dict[str, Any]:
    try:
        return dict(json.loads(text))
    except ValueError:
        return {"detail": text[:200].decode(errors="replace")}
