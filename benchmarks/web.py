"""The web server as `manage.py up` starts it, and a client that costs little of the machine it shares."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Thread

from b2b.embedded.management.commands.up import children
from b2b.embedded.running import answers

HOST = "127.0.0.1"
PATIENCE_S = 60.0
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class NotServed(Exception):
    """The server did not answer as it should."""


@contextmanager
def serving() -> Iterator[int]:
    """Serve the platform over the database of the benchmark; yield the port."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    command = next(child.command for child in children(HOST, port) if child.name == "web")
    environment = {**os.environ, "MIDSTREAM_POOL": "8", "PYTHONWARNINGS": "ignore"}
    log_path = Path(os.environ["MIDSTREAM_VAR"]) / "web.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + PATIENCE_S
            while not answers(HOST, port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise NotServed(f"the web server does not answer; its log: {log_path}")
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def upload(port: int, path: str, content: bytes, token: str, *, idempotency_key: str) -> bytes:
    """POST a workbook and return the answer's body.

    :raises NotServed: when it is refused.
    """
    client = http.client.HTTPConnection(HOST, port, timeout=300)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": XLSX, "Idempotency-Key": idempotency_key}
    client.request("POST", path, content, headers)
    answer = client.getresponse()
    body = answer.read()
    client.close()
    if answer.status not in (200, 201):
        raise NotServed(f"{answer.status}: {body[:500]!r}")
    return body


def storm(
    port: int, path: str, tokens: list[str], *, clients: int, seconds: float
) -> tuple[float, list[float]]:
    """GET a path over kept connections, a thread each; return how long it took and every answer's seconds.

    :raises NotServed: when any answer is not 200.
    """
    spent: list[list[float]] = [[] for _ in range(clients)]
    faults: list[str] = []
    ready = Barrier(clients + 1)

    def ask(number: int) -> None:
        head = f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\n".encode()
        requests = [
            head + f"Authorization: Bearer {token}\r\n\r\n".encode() for token in tokens[number::clients]
        ]
        with socket.create_connection((HOST, port)) as line:
            ready.wait()
            end, turn = time.perf_counter() + seconds, 0
            while time.perf_counter() < end and not faults:
                start = time.perf_counter()
                line.sendall(requests[turn % len(requests)])
                status = _read(line)
                spent[number].append(time.perf_counter() - start)
                turn += 1
                if status != b"200":
                    faults.append(status.decode(errors="replace"))

    threads = [Thread(target=ask, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if faults:
        raise NotServed(f"{path} answered {faults[0]}")
    return time.perf_counter() - began, [one for part in spent for one in part]


def _read(line: socket.socket) -> bytes:
    """Read one answer with a Content-Length and return its status."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(line)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(part.split(b":")[1])
        for part in head.split(b"\r\n")
        if part.lower().startswith(b"content-length:")
    )
    missing = length - len(body)
    while missing > 0:
        missing -= len(_more(line))
    return head.split(b" ", 2)[1]


def _more(line: socket.socket) -> bytes:
    data = line.recv(1 << 16)
    if not data:
        raise NotServed("the connection was closed")
    return data
