"""One POST to an address of somebody else's, which may be slow, broken or hostile."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import urllib3
from django.conf import settings

from b2b.exchange.policies import endpoint
from b2b.exchange.policies.endpoint import BadEndpoint, Endpoint

CONNECT_S: Final = 5.0
ANSWER_S: Final = 15.0
READ_AT_MOST: Final = 2_000  # bytes of the answer; the rest is nobody's business

Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `status` 0 when nothing did, and `said` why."""

    status: int
    said: str
    duration_ms: int
    retry_after: str = ""


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as the system's resolver orders them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def post(url: str, body: bytes, headers: Mapping[str, str], *, resolver: Resolve = resolve) -> Answer:
    """Send a body and return what came of it; never raises for what the other side does.

    The name is looked up once and the connection made to the address that was checked, so that a second answer of the
    name server cannot lead elsewhere. Redirects are not followed, proxies of the environment not used.
    """
    began = time.monotonic()

    def answer(status: int, said: str, retry_after: str = "") -> Answer:
        took = int((time.monotonic() - began) * 1000)
        return Answer(status, said[:300].replace("\x00", ""), took, retry_after[:80])

    try:
        target = endpoint.read(url)
        allowed = endpoint.networks(settings.WEBHOOK_PRIVATE_NETWORKS)
        address = endpoint.choose(target, resolver(target.host, target.port), allowed)
        with _pool(target, address) as pool:
            response = pool.urlopen(
                "POST", target.target, body=body, headers={**headers, "Host": target.authority},
                redirect=False, retries=False, preload_content=False, assert_same_host=False,
            )  # fmt: skip
            with response:
                text = response.read(READ_AT_MOST).decode(errors="replace")
                status, after = response.status, response.headers.get("Retry-After", "")
    except BadEndpoint as error:
        return answer(0, str(error))
    except OSError as error:
        return answer(0, f"the host was not found or not reached: {error}")
    except urllib3.exceptions.HTTPError as error:
        return answer(0, f"no answer: {error}")
    if 300 <= status < 400:
        return answer(status, "a redirect; redirects are not followed: subscribe the address itself", after)
    return answer(status, text, after)


def _pool(target: Endpoint, address: str) -> urllib3.HTTPConnectionPool:
    timeout = urllib3.Timeout(connect=CONNECT_S, read=ANSWER_S)
    if target.scheme == "https":
        return urllib3.HTTPSConnectionPool(
            address, target.port, timeout=timeout, server_hostname=target.host, assert_hostname=target.host,
            cert_reqs="CERT_REQUIRED", ca_certs=settings.WEBHOOK_CA_FILE or None, maxsize=1,
        )  # fmt: skip
    return urllib3.HTTPConnectionPool(address, target.port, timeout=timeout, maxsize=1)
