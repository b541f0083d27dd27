"""One platform per `var` directory and one server per port, said clearly."""

import errno
import fcntl
import json
import os
import socket
from pathlib import Path

from b2b.embedded.failure import EmbeddedError
from b2b.embedded.handles import describe, make_directory


class RunningMark:
    """Hold the mark that this installation runs; the kernel takes it back when we die."""

    def __init__(self, var: Path, address: str) -> None:
        path = make_directory(var) / "running"
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise EmbeddedError(describe(error, path)) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmbeddedError(self._who(path)) from None
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, json.dumps({"pid": os.getpid(), "address": address}).encode(), 0)
        except OSError as error:
            raise EmbeddedError(describe(error, path)) from error

    def _who(self, path: Path) -> str:
        try:
            mark = json.loads(path.read_text())
            return (
                f"Midstream already runs here: process {mark['pid']}, {mark['address']}. "
                f"Stop it with Ctrl-C in its terminal or with `kill {mark['pid']}`."
            )
        except (ValueError, KeyError, OSError):
            return "Midstream is being started here by another process at this moment."


def check_port(host: str, port: int) -> None:
    """Raise EmbeddedError with the remedy when nobody can listen on the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OverflowError:
            raise EmbeddedError(f"PORT={port} is no port; choose one between 1024 and 65535.") from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                message = (
                    f"Port {port} is taken by another program. Choose a free one: PORT={port + 80} make run"
                )
            elif error.errno == errno.EACCES:
                message = f"Port {port} needs an administrator. Choose one above 1023: PORT=8000 make run"
            else:
                message = f"Nobody can listen on {host}:{port} ({error.strerror}). Set HOST and PORT."
            raise EmbeddedError(message) from None


def answers(host: str, port: int) -> bool:
    """Tell whether a server accepts connections."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        socket.create_connection((target, port), timeout=1).close()
    except OSError:
        return False
    return True
