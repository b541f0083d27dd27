"""Real servers in directories of their own, used by real processes."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from b2b.embedded.postgres import Postgres

ROOT = Path(__file__).resolve().parent.parent.parent

USE = """
import sys, pathlib
from b2b.embedded.{module} import {kind}
server = {kind}(pathlib.Path(sys.argv[1]))
server.acquire()
print("joined", flush=True)
sys.stdin.readline()
server.release()
print("left", flush=True)
"""


class User:
    """A process that holds a server until it is told to leave."""

    def __init__(self, kind: str, home: Path) -> None:
        program = USE.format(module=kind.lower(), kind=kind)
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, str(home)], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdout.readline() == "joined\n"

    def leave(self) -> None:
        """Release the server and end."""
        self.process.communicate("\n")
        assert self.process.returncode == 0

    def kill(self) -> None:
        """Die as with kill -9."""
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def home() -> Iterator[Path]:
    """Yield a short directory for one server; whatever still runs in it is killed afterwards."""
    with tempfile.TemporaryDirectory(prefix="ms-") as path:
        yield Path(path).resolve() / "server"
        kill_everything_in(Path(path).resolve())


@pytest.fixture
def use() -> Iterator[Callable[[str, Path], User]]:
    """Return a function that starts a process using a server."""
    users: list[User] = []

    def start(kind: str, home: Path) -> User:
        users.append(User(kind, home))
        return users[-1]

    yield start
    for user in users:
        if user.process.poll() is None:
            user.kill()


def kill_everything_in(directory: Path) -> None:
    """Kill -9 each server whose working directory lies in `directory`."""
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and directory in Path(process.cwd()).parents:
                process.kill()
                process.wait(10)
        except (psutil.Error, OSError):
            continue


def count(server: Postgres) -> int:
    """Return how many committed marks a server holds."""
    with server.connect() as connection:
        return connection.execute("SELECT count(*) FROM mark").fetchone()[0]
