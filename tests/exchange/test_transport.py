"""One POST to somebody else's system, which may be anything."""

from __future__ import annotations

import socket
import threading

import pytest

from b2b.exchange import transport
from tests.exchange.receiver import receiving

LOOPBACK = ["127.0.0.0/8"]


def test_it_posts_and_reads_a_little_of_the_answer(settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = LOOPBACK
    with receiving() as receiver:
        answer = transport.post(receiver.url, b"{}", {"X-One": "1"})
    assert (answer.status, answer.said) == (200, "heard")
    headers, body = receiver.got[0]
    assert body == b"{}"
    assert headers["x-one"] == "1"
    assert headers["host"] == receiver.url.split("/")[2]


def test_a_redirect_is_not_followed(settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = LOOPBACK
    with receiving() as inner, receiving() as outer:
        outer.answers = [(307, {"Location": inner.url})]
        answer = transport.post(outer.url, b"{}", {})
    assert answer.status == 307
    assert "redirect" in answer.said
    assert inner.got == []


def test_a_name_that_leads_inside_is_not_connected_to(settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = []
    with receiving() as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        answer = transport.post(
            f"https://erp.example.com:{port}/", b"{}", {}, resolver=lambda host, at: ["127.0.0.1"]
        )
    assert answer.status == 0
    assert "127.0.0.1" in answer.said
    assert receiver.got == []


def test_the_name_is_looked_up_once_and_that_address_is_met(settings):
    """A name server that answers another address the second time leads nowhere else (DNS rebinding)."""
    settings.WEBHOOK_PRIVATE_NETWORKS = LOOPBACK
    asked = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.9.9.9"]

    with receiving() as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        answer = transport.post(f"http://erp.example.com:{port}/x", b"{}", {}, resolver=resolver)
        assert answer.status == 200
        assert receiver.got[0][0]["host"] == f"erp.example.com:{port}"
    assert asked == ["erp.example.com"]


def test_an_address_that_nobody_serves_and_a_name_that_nobody_knows(settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = LOOPBACK
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        answer = transport.post(f"http://127.0.0.1:{taken.getsockname()[1]}/", b"{}", {})
    assert answer.status == 0

    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    answer = transport.post("https://nobody.example/", b"{}", {}, resolver=unknown)
    assert answer.status == 0
    assert "not found" in answer.said


@pytest.mark.parametrize("said", [b"", b"\x00\xff garbage", b"HTTP/1.1 999999 no\r\n\r\n"])
def test_a_server_that_speaks_no_http(settings, said: bytes):
    settings.WEBHOOK_PRIVATE_NETWORKS = LOOPBACK
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        answer = transport.post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
        thread.join()
    assert answer.status == 0


def test_plain_text_to_an_https_port_is_no_answer(settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = LOOPBACK
    with receiving() as receiver:
        answer = transport.post(receiver.url.replace("http:", "https:"), b"{}", {})
    assert answer.status == 0
    assert receiver.got == []
