"""Relay, worker and servers as real processes in a directory of their own, to be killed at will."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
from django.db import connections

from b2b.embedded import databases, roles
from b2b.embedded.postgres import Postgres, binaries
from b2b.embedded.valkey import Valkey
from tests.support.eventually import eventually

ROOT = Path(__file__).resolve().parent.parent.parent
COMMANDS = {
    "relay": ["manage.py", "relay_outbox"],
    "worker": [
        "-m",
        "celery",
        "--quiet",
        "-A",
        "b2b.celery",
        "worker",
        "--loglevel",
        os.environ.get("PROBE_LOGLEVEL", "WARNING"),
    ],
    "beat": ["-m", "celery", "--quiet", "-A", "b2b.celery", "beat", "--pidfile", ""],
}


class Platform:
    """Servers and processes below one directory; `schema` is SQL text that builds the database."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.postgres = Postgres(home / "postgres")
        self.valkey = Valkey(home / "valkey")
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.started_with: dict[str, tuple[str, ...]] = {}
        self.environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("DATABASE_", "CELERY_"))
            },
            "MIDSTREAM_VAR": str(home),
            "DJANGO_SETTINGS_MODULE": "tests.support.probe.settings",
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
            **environment,
        }

    def create(self, schema: str) -> None:
        """Start PostgreSQL and Valkey, and build the database from a dump."""
        self.postgres.acquire()
        with self.postgres.connect() as connection:
            roles.create_roles(connection, login=True)
            roles.create_database(connection, databases.NAME)
        with self.postgres.connect(databases.NAME) as inside:
            roles.grant(inside)
            roles.limit(inside)
        load = self.home / "schema.sql"
        load.write_text(schema)
        subprocess.run(
            [binaries() / "psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-h", self.postgres.socket_directory,
             "-U", roles.OWNER, "-d", databases.NAME, "-f", load],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        (self.postgres.home / "provisioned").touch()
        self.valkey.acquire()

    def start(self, name: str, *extra: str) -> None:
        """Start a process of ours; its output goes to a file beside the data."""
        options = ["--concurrency", "2", "--without-gossip", "--without-mingle", "--queues",
                   self.environment.get("PROBE_QUEUE", "default")] if name == "worker" else []  # fmt: skip
        self.started_with[name] = extra
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *COMMANDS[name], *options, *extra], cwd=ROOT, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def kill(self, name: str) -> None:
        """Kill a process with all of its children, without a chance to say anything."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def restart(self, name: str) -> None:
        """Kill a process and start it again as it was started."""
        self.kill(name)
        self.start(name, *self.started_with[name])

    def revive(self) -> None:
        """Start again what ended by itself, as `manage.py up` and every process manager do.

        A Celery worker may end when its broker vanishes: kombu 5.7 gives back what it had taken through a connection
        that it has closed already, and dies of it.
        """
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                self.restart(name)

    def kill_child_of(self, name: str) -> bool:
        """Kill one child of a process; say whether there was one."""
        for child in psutil.Process(self.processes[name].pid).children():
            child.kill()
            return True
        return False

    def crash_database(self) -> None:
        """Kill the postmaster and start the server again, which recovers."""
        os.kill(self.postgres.postmaster_pid() or 0, signal.SIGKILL)
        with self.postgres.gate():
            self.postgres.start()
            self.postgres.ready()

    def crash_broker(self) -> None:
        """Kill the broker and start it again with what it had written."""
        psutil.Process(int(self.valkey.pid_file.read_text())).kill()
        eventually(lambda: not self.valkey.is_running(), seconds=10)
        with self.valkey.gate():
            self.valkey.start()
            self.valkey.ready()

    def stop(self, name: str) -> int:
        """Ask a process to end and return how it did."""
        process = self.processes.pop(name)
        process.terminate()
        return process.wait(60)

    def destroy(self) -> None:
        """End everything; what does not end is killed."""
        for name in list(self.processes):
            self.kill(name)
        for server in (self.valkey, self.postgres):
            server.release()

    @contextlib.contextmanager
    def as_database(self) -> Iterator[None]:
        """Let the Django of this process mean this platform's database."""
        before = {alias: dict(connections.settings[alias]) for alias in ("default", "owner")}
        for alias, role in (("default", roles.APPLICATION), ("owner", roles.OWNER)):
            connections[alias].close()
            connections.settings[alias].update(databases.on_server(self.postgres, databases.NAME, role))
        try:
            yield
        finally:
            for alias, old in before.items():
                connections[alias].close()
                connections.settings[alias].update(old)

    def query(self, statement: str) -> list[tuple[object, ...]]:
        """Ask the database as its administrator, who sees all rows."""
        with self.postgres.connect(databases.NAME) as connection:
            return connection.execute(statement).fetchall()

    def describe(self, statement: str) -> str:
        """Say how everything is, for a test that waited in vain: rows, sessions, processes, ends of their output."""
        sessions = "SELECT pid, state, wait_event, now() - xact_start, left(query, 100) FROM pg_stat_activity"
        said = [str(row) for query in (statement, sessions) for row in self.query(query)]
        for name, process in self.processes.items():
            said += [
                f"{name} {process.pid} {process.poll()}",
                (self.home / f"{name}.log").read_text(errors="replace")[-3000:],
            ]
        return "\n".join(said)


@contextlib.contextmanager
def running(schema: str, **environment: str) -> Iterator[Platform]:
    """Give a platform with servers and no processes, and clear all of it away."""
    home = Path(tempfile.mkdtemp(prefix="ms-")).resolve()
    home.chmod(0o755)
    platform = Platform(home, **environment)
    try:
        platform.create(schema)
        yield platform
    finally:
        platform.destroy()
        shutil.rmtree(home, ignore_errors=True)


def dump(connection: psycopg.Connection) -> str:
    """Return the SQL that builds the database a connection is in."""
    info = connection.info
    result = subprocess.run(
        [binaries() / "pg_dump", "-h", info.host, "-p", str(info.port), "-U", info.user, "-d", info.dbname],
        check=True, capture_output=True, text=True, env={**os.environ, "PGPASSWORD": info.password or ""},
    )  # fmt: skip
    # The schema exists already, and only its owner may speak of it.
    return "\n".join(line for line in result.stdout.splitlines() if " SCHEMA public" not in line) + "\n"
