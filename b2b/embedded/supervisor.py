"""Run several programs in one terminal: one log, restarts with patience, one orderly end."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

from b2b.embedded.account import die_with_parent
from b2b.embedded.failure import EmbeddedError

STEADY_AFTER_S = 60.0
LONGEST_PAUSE_S = 30.0
STOP_PATIENCE_S = 30.0
SERVER_LOOK_S = 1.0  # an embedded server that died is noticed and started again within about this time
COLOURS = (36, 33, 32, 35, 34)


@dataclass
class Child:
    """A program that is to run as long as the supervisor does."""

    name: str
    command: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None
    started_s: float = 0.0
    pause_s: float = 0.0
    due_s: float = 0.0
    tail: bytes = field(default=b"", repr=False)


class Supervisor:
    """Start children, show their output, start the crashed again, and stop all of them on a signal."""

    def __init__(
        self,
        children: Sequence[Child],
        environment: dict[str, str],
        servers: Mapping[str, Callable[[], bool]] | None = None,
    ) -> None:
        """Take the programs, their environment, and for each embedded server what revives it when it died."""
        self.children = list(children)
        self.servers = dict(servers or {})
        self._look_at_servers_s = 0.0
        self.environment = environment
        self.stopping = False
        self._selector = selectors.DefaultSelector()
        self._width = max((len(child.name) for child in self.children), default=0)

    def start(self) -> None:
        """Start every child; from here on SIGINT, SIGTERM and SIGHUP mean an orderly end."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        for child in self.children:
            self._start(child)

    def run(self, until: float | None = None) -> None:
        """Watch the children until a signal comes, or until a moment of the monotonic clock."""
        while not self.stopping and (until is None or time.monotonic() < until):
            self._show(timeout=0.2)
            self._look_at_servers()
            for child in self.children:
                self._look_after(child)

    def _look_at_servers(self) -> None:
        if time.monotonic() < self._look_at_servers_s:
            return
        for name, revive in self.servers.items():
            try:
                if revive():
                    self.say(name, "had died; it was started again")
            except EmbeddedError as error:
                self.say(name, f"cannot be started again: {error}")
        self._look_at_servers_s = time.monotonic() + SERVER_LOOK_S

    def stop(self) -> None:
        """End the children, the first ones first, and kill what does not go."""
        self.stopping = True
        running = [child for child in self.children if child.process is not None]
        for child in running:
            with contextlib.suppress(ProcessLookupError):
                child.process.terminate()
        deadline = time.monotonic() + STOP_PATIENCE_S
        while any(child.process.poll() is None for child in running) and time.monotonic() < deadline:
            self._show(timeout=0.1)
        for child in running:
            self._bury(child)

    def say(self, name: str, text: str) -> None:
        """Write one prefixed line; when nobody reads us any more, stop."""
        label = f"{name:<{self._width}} |"
        if sys.stdout.isatty():
            colour = COLOURS[hash_of(name) % len(COLOURS)]
            label = f"\x1b[{colour}m{label}\x1b[0m"
        try:
            sys.stdout.write(f"{label} {text}\n")
            sys.stdout.flush()
        except (BrokenPipeError, OSError):
            self.stopping = True

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(
            child.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=self.environment, start_new_session=True, preexec_fn=die_with_parent(signal.SIGTERM),
        )  # fmt: skip
        child.started_s = time.monotonic()
        os.set_blocking(child.process.stdout.fileno(), False)
        self._selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is not None and child.process.poll() is not None:
            code = child.process.returncode
            self._bury(child)
            if now - child.started_s > STEADY_AFTER_S:
                child.pause_s = 0.0
            child.pause_s = min(max(1.0, child.pause_s * 2), LONGEST_PAUSE_S)
            child.due_s = now + child.pause_s
            self.say(child.name, f"ended ({reason(code)}); starts again in {child.pause_s:.0f} s")
        elif child.process is None and now >= child.due_s:
            self._start(child)

    def _bury(self, child: Child) -> None:
        """Remove a child with everything it started and did not stop itself."""
        process = child.process
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._read(child)
        if child.tail:
            self.say(child.name, child.tail.decode(errors="replace"))
            child.tail = b""
        self._forget_output(child)
        child.process = None

    def _forget_output(self, child: Child) -> None:
        with contextlib.suppress(KeyError):
            self._selector.unregister(child.process.stdout)
        child.process.stdout.close()

    def _show(self, timeout: float) -> None:
        if not self._selector.get_map():
            time.sleep(timeout)
            return
        for key, _ in self._selector.select(timeout):
            if not self._read(key.data):
                self._selector.unregister(key.fileobj)

    def _read(self, child: Child) -> bool:
        """Show what a child wrote; tell whether more may come."""
        try:
            data = os.read(child.process.stdout.fileno(), 65536)
        except BlockingIOError:
            return True
        *lines, child.tail = (child.tail + data).split(b"\n")
        for line in lines:
            self.say(child.name, line.decode(errors="replace").rstrip())
        return bool(data)


def hash_of(name: str) -> int:
    """Return the same small number for the same name in every run."""
    return sum(name.encode())


def reason(code: int) -> str:
    """Say why a process ended."""
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
