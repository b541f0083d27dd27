"""Count the users of a server with file locks, which the kernel gives back even after kill -9."""

import atexit
import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from b2b.embedded.failure import EmbeddedError

ATTEMPTS = 4


def make_directory(path: Path, mode: int = 0o755) -> Path:
    """Create a directory with its parents; raise EmbeddedError with the remedy when that is impossible."""
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedError(describe(error, path)) from error
    return path


def describe(error: OSError, path: Path) -> str:
    """Turn a file system error into a sentence with its remedy."""
    if error.errno == errno.ENOSPC:
        return f"The disk that holds {path} is full. Free some space, or set MIDSTREAM_VAR to another disk."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
        return (
            f"{path} cannot be written ({error.strerror}). Correct its owner, or set MIDSTREAM_VAR elsewhere."
        )
    return f"{path} cannot be used: {error.strerror}."


class Server:
    """Share one server process between many users: the first starts it, the last stops it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._users_fd: int | None = None
        self._owner_pid = 0
        self._uses = 0

    def is_running(self) -> bool:
        """Tell whether the server answers."""
        raise NotImplementedError

    def start(self) -> None:
        """Start the server; called with the gate held, when it is not running."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop the server; called with the gate held, by the last user."""
        raise NotImplementedError

    def ready(self) -> bool:
        """Wait until the running server serves; tell False when it went away meanwhile. The gate is held."""
        raise NotImplementedError

    def acquire(self) -> None:
        """Join the users of the server, starting it first when nobody has; leave again at exit."""
        if self._users_fd is not None and self._owner_pid == os.getpid():
            self._uses += 1
            return
        make_directory(self.home)
        with self.gate():
            self._bring_up()
            self._users_fd = self._open("users")
            fcntl.flock(self._users_fd, fcntl.LOCK_SH)
            self._owner_pid, self._uses = os.getpid(), 1
        atexit.register(self._leave)

    def revive(self) -> bool:
        """Start the server again when it died under its users; tell whether that was needed.

        :raises EmbeddedError: when it does not stay up.
        """
        if self.is_running():
            return False
        with self.gate():
            self._bring_up()
        return True

    def _bring_up(self) -> None:
        # A server that was just killed may still seem to listen, so one look is not enough.
        for _ in range(ATTEMPTS):
            if not self.is_running():
                self.start()
            if self.ready():
                return
        raise EmbeddedError(f"The server in {self.home} starts and ends again; its log: {self.home / 'log'}")

    def release(self) -> None:
        """Leave the users of the server, and stop it when no other process is left."""
        if self._owner_pid != os.getpid():
            return
        self._uses -= 1
        if self._uses <= 0:
            self._leave()

    def _leave(self) -> None:
        if self._users_fd is None or self._owner_pid != os.getpid():
            return
        users, self._users_fd = self._users_fd, None
        atexit.unregister(self._leave)
        with self.gate():
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            finally:
                os.close(users)
            if self.is_running():
                self.stop()

    @contextmanager
    def gate(self) -> Iterator[None]:
        """Let one process at a time start, join, leave or stop the server."""
        descriptor = self._open("gate")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _open(self, name: str) -> int:
        path = self.home / name
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise EmbeddedError(describe(error, path)) from error
