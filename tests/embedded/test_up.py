"""`manage.py up` as a person uses it: start, look, press Ctrl-C, start twice, take the port, kill it."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from b2b.embedded.postgres import Postgres
from b2b.embedded.valkey import Valkey
from tests.embedded.conftest import ROOT, kill_everything_in
from tests.support.eventually import eventually

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("up")]
PATIENCE_S = 200


class Platform:
    """One `manage.py up` and what it has said so far."""

    def __init__(self, var: Path, port: int, **environment: str) -> None:
        clean = {name: value for name, value in os.environ.items() if name not in CLEARED}
        self.var, self.port = var, port
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            env={**clean, "MIDSTREAM_VAR": str(var), "PORT": str(port), "DEMO": "0", **environment},
        )  # fmt: skip
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def text(self) -> str:
        """Everything it wrote."""
        return "".join(self.lines)

    def _read(self) -> None:
        with self.process.stdout as output:
            self.lines.extend(iter(output.readline, ""))

    def wait_for(self, pattern: str, times: int = 1) -> None:
        """Wait until it has written something; fail with all it wrote otherwise."""
        deadline = time.monotonic() + PATIENCE_S
        while len(re.findall(pattern, self.text)) < times:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self._reader.join(5)
                assert len(re.findall(pattern, self.text)) >= times, self.text
            time.sleep(0.05)

    def family(self) -> list[psutil.Process]:
        """Return every process it started that still lives; the servers have a life of their own."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if child.name() not in ("valkey-server", "postgres")]

    def end(self, number: int = signal.SIGINT) -> int:
        """Send a signal and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        self._reader.join(10)
        return code

    def status(self, path: str = "/no-such-page") -> int:
        """Return the status of a page, 0 while nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except urllib.error.URLError:
            return 0


CLEARED = {
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "CELERY_BROKER_URL",
    "DJANGO_SETTINGS_MODULE",
    "MIDSTREAM_POOL",
}


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield one var directory for the whole module: the later starts are second starts."""
    path = Path(f"/tmp/ms-up-{os.getpid()}")
    path.mkdir()
    yield path
    kill_everything_in(path)
    subprocess.run(["rm", "-rf", str(path)], check=True)


@pytest.fixture
def platforms() -> Iterator[list[Platform]]:
    """Collect the platforms of a test, and end what it left."""
    started: list[Platform] = []
    yield started
    for platform in started:
        if platform.process.poll() is None:
            platform.process.kill()
            platform.end()


@pytest.fixture(scope="module")
def up(var: Path) -> Iterator[Platform]:
    """Yield a platform that serves: one for all tests up to the one that ends it, for each start takes seconds."""
    platform = serving(var, free_port())
    yield platform
    if platform.process.poll() is None:
        platform.process.kill()
        platform.end()


def serving(var: Path, port: int) -> Platform:
    """Start a platform and wait until it serves, its worker too."""
    platform = Platform(var, port)
    try:
        platform.wait_for("Midstream serves at")
        platform.wait_for("celery@.* ready")
    except BaseException:
        platform.end(signal.SIGKILL)  # or the tests after this one meet it
        raise
    return platform


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def gone(processes: list[psutil.Process]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_a_second_start_names_the_first(up, var, platforms):
    second = Platform(var, free_port())
    platforms.append(second)
    assert second.process.wait(PATIENCE_S) == 1
    second.wait_for(rf"already runs here: process {up.process.pid}, http://localhost:{up.port}")
    assert "Traceback" not in second.text
    assert up.status() == 404


def test_a_crashed_child_is_started_again(up):
    child = next(p for p in up.family() if "granian" in " ".join(p.cmdline()))
    child.kill()
    up.wait_for(r"web +\| ended \(SIGKILL\); starts again in 1 s")
    up.wait_for("Listening at", times=2)
    eventually(lambda: up.status() == 404, seconds=PATIENCE_S, every=0.1, said=lambda: up.text)


def test_a_killed_server_is_started_again(up, var):
    postmaster = int((var / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    up.wait_for(r"postgres +\| had died; it was started again")
    psutil.Process(int(Valkey(var / "valkey").pid_file.read_text())).kill()
    up.wait_for(r"valkey +\| had died; it was started again")
    eventually(lambda: up.status("/healthz") == 200, seconds=PATIENCE_S, every=0.5, said=lambda: up.text)


def test_it_leaves_nothing_behind_when_it_is_told_to_end(up, var):
    ends_clean(up, var, signal.SIGTERM)


def ends_clean(platform: Platform, var: Path, number: int) -> None:
    family = platform.family()
    assert len(family) >= 5
    before = len(platform.text)  # what was killed on purpose has said so by then
    assert platform.end(number) == 0, platform.text
    assert "Traceback" not in platform.text[before:]
    assert gone(family)
    assert not Postgres(var / "postgres").is_running()
    assert not Valkey(var / "valkey").is_running()


def test_kill_9_of_the_supervisor_takes_its_children_along_and_the_next_start_ends_by_ctrl_c(
    up, var, platforms
):
    up.end()
    killed = serving(var, up.port)
    platforms.append(killed)
    family = killed.family()
    killed.process.kill()
    killed.end()
    assert gone(family)
    again = serving(var, up.port)
    platforms.append(again)
    assert again.status() == 404
    ends_clean(again, var, signal.SIGINT)


def test_a_taken_port_is_named_with_the_remedy(var, platforms):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        platform = Platform(var, other.getsockname()[1])
        platforms.append(platform)
        assert platform.process.wait(PATIENCE_S) == 1
        platform.wait_for(rf"Port {platform.port} is taken by another program.*PORT=\d+ make run")
        assert "Traceback" not in platform.text


def test_what_is_no_port_is_refused(var, platforms):
    platform = Platform(var, 0, PORT="eighty")
    platforms.append(platform)
    assert platform.process.wait(PATIENCE_S) == 1
    platform.wait_for("PORT=eighty is no number")


def test_a_var_that_cannot_be_is_named(var, platforms):
    (var / "file").write_text("")
    platform = Platform(var / "file" / "var", free_port())
    platforms.append(platform)
    assert platform.process.wait(PATIENCE_S) == 1
    platform.wait_for("MIDSTREAM_VAR")
    assert "Traceback" not in platform.text
