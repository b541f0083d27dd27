"""A platform of its own for a drill: servers, worker, beat, relay and a market, any of which may be killed."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Self

import psutil

from b2b.embedded import databases, provision, roles
from b2b.embedded.account import die_with_parent
from b2b.embedded.handles import Server
from b2b.embedded.postgres import Postgres
from b2b.embedded.startup import MANAGE
from b2b.embedded.valkey import Valkey

# The drill's programs know nothing of the installation that it is started from.
FORGOTTEN = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "DATABASE_PROXY",
    "CELERY_BROKER_URL",
    "CACHE_URL",
    "DJANGO_SETTINGS_MODULE",
)
QUEUES = "default,orders,warehousing,logistics,finance,exchange,tower,bulk"
WORKER = ("--loglevel", "WARNING", "--without-gossip", "--without-mingle")
PATTERN = "pattern"
STOP_PATIENCE_S = 20


class Program:
    """A process that is started again whenever it has ended, until it is no longer wanted."""

    def __init__(self, name: str, command: Sequence[str], ground: Ground) -> None:
        self.name, self.command, self.ground = name, list(command), ground
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def start(self) -> None:
        """Start it; what it writes goes to a log of its own."""
        self.starts += 1
        with self.ground.log(self.name) as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                env=self.ground.environment, preexec_fn=die_with_parent(signal.SIGKILL), cwd=provision.BASE,  # noqa: PLW1509
            )  # fmt: skip

    def tend(self) -> None:
        """Start it again when it has ended, with whatever it left behind gone first, as the supervisor does."""
        if self.process is None or self.process.poll() is not None:
            self.end()
            self.start()

    def kill(self, chance: random.Random) -> str:
        """Kill -9 the process, or one of its children; return which."""
        found = psutil.Process(self.process.pid) if self.process and self.process.poll() is None else None
        if found is None:
            return f"{self.name}, which was not there"
        children = found.children()
        victim = chance.choice([found, *children])
        victim.kill()
        return self.name if victim is found else f"a child of {self.name}"

    def end(self) -> None:
        """Kill what is left of it and reap it."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_PATIENCE_S)
        self.process = None


class Ground:
    """One directory with everything in it; `with Ground(var) as ground:` starts it and leaves nothing running."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.postgres = Postgres(var / "postgres", durable=False)
        self.valkey = Valkey(var / "valkey")
        kept = {name: value for name, value in os.environ.items() if name not in FORGOTTEN}
        self.environment = kept | {
            "MIDSTREAM_VAR": str(var),
            "PYTHONUNBUFFERED": "1",
            "LOG_LEVEL": "WARNING",
            "MIDSTREAM_POOL": "4",
        }
        quiet = ["-W", "ignore:You're running the worker with superuser"]
        celery = [sys.executable, *quiet, "-m", "celery", "--quiet", "-A", "b2b.celery"]
        self.relay = Program("relay", [sys.executable, MANAGE, "relay_outbox"], self)
        self.beat = Program("beat", [*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""], self)
        self.worker = Program(
            "worker",
            [*celery, "worker", "--queues", QUEUES, "--concurrency", "2", *WORKER],
            self,
        )
        self.programs = [self.relay, self.worker, self.beat]

    def __enter__(self) -> Self:
        self.var.mkdir(parents=True, exist_ok=True)
        self.postgres.acquire()
        self.valkey.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        for program in self.programs:
            program.end()
        self.valkey.release()
        self.postgres.release()

    def log(self, name: str) -> IO[bytes]:
        """Open the log of a program for more."""
        return (self.var / f"{name}.log").open("ab")

    def lay_out(self, digest: str = "") -> None:
        """Give the drill an empty, migrated database; what was migrated for `digest` is kept as a pattern."""
        provision.prepare(self.postgres, databases.NAME)
        mark = self.var / PATTERN
        if not mark.exists() or mark.read_text() != digest:
            mark.unlink(missing_ok=True)
            self._replace(databases.NAME, template="template0")
            with self.postgres.connect(databases.NAME) as inside:
                roles.grant(inside)
            self.manage("migrate", "--verbosity", "0")
            self._replace(PATTERN, template=databases.NAME)
            mark.write_text(digest)
        self._replace(databases.NAME, template=PATTERN)
        with self.postgres.connect(databases.NAME) as inside:
            roles.limit(inside)

    def _replace(self, name: str, *, template: str) -> None:
        with self.postgres.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(
                f'CREATE DATABASE "{name}" OWNER {roles.OWNER} TEMPLATE "{template}" STRATEGY FILE_COPY'
            )

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a management command over the drill's database and return what it said.

        :raises subprocess.CalledProcessError: when it failed.
        """
        return subprocess.run(
            [sys.executable, MANAGE, *arguments], env=self.environment | {"MIDSTREAM_POOL": "0"}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True,
        )  # fmt: skip

    def tend(self) -> None:
        """Start again what is down: first the servers, then the programs."""
        for server in (self.postgres, self.valkey):
            revive(server)
        for program in self.programs:
            program.tend()

    def kill_database(self, chance: random.Random) -> str:
        """Kill -9 the postmaster or one backend; either ends every connection."""
        pid = self.postgres.postmaster_pid()
        if pid is None:
            return "the database, which was not there"
        postmaster = psutil.Process(pid)
        backends = [child for child in postmaster.children() if "midstream" in " ".join(child.cmdline())]
        victim = chance.choice([postmaster, *backends[:1]])
        victim.kill()
        return "the database" if victim is postmaster else "a connection's process of the database"

    def kill_broker(self, _chance: random.Random) -> str:
        """Kill -9 the broker."""
        try:
            psutil.Process(int(self.valkey.pid_file.read_text())).kill()
        except (OSError, ValueError, psutil.NoSuchProcess):
            return "the broker, which was not there"
        return "the broker"


def revive(server: Server) -> None:
    """Start a server again when it is down, and wait until it serves."""
    if server.is_running():
        return
    with server.gate():
        if not server.is_running():
            server.start()
        server.ready()
