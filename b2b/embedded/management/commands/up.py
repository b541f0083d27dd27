"""Start the whole platform on this machine and watch over it."""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError

from b2b.embedded import provision, running, startup
from b2b.embedded.failure import EmbeddedError
from b2b.embedded.handles import describe
from b2b.embedded.supervisor import Child, Supervisor

WEB_PATIENCE_S = 60.0


class Command(BaseCommand):
    """`manage.py up`: database, broker, web, worker, beat and relay in one terminal."""

    help = "Start PostgreSQL, Valkey, web server, worker, beat and outbox relay; stop them with Ctrl-C."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare everything, run it until a signal comes, and leave nothing behind."""
        host, port = os.environ.get("HOST", "127.0.0.1"), self._port()
        address = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0', '::') else host}:{port}"
        try:
            self._mark = running.RunningMark(settings.VAR_DIR, address)
            running.check_port(host, port)
            self._prepare()
            self._serve(host, port, address)
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(describe(error, settings.VAR_DIR)) from error
        except (OperationalError, ProgrammingError) as error:
            raise CommandError(f"The database refused to be prepared: {str(error).strip()}") from error
        except KeyboardInterrupt:
            self.stdout.write("Stopped before it was up.")
            sys.exit(130)

    def _port(self) -> int:
        text = os.environ.get("PORT") or "8000"
        if not text.isascii() or not text.isdigit():
            raise CommandError(f"PORT={text} is no number; try PORT=8080 make run")
        return int(text)

    def _prepare(self) -> None:
        url = os.environ.get("DATABASE_OWNER_URL") or os.environ.get("DATABASE_URL")
        if url:
            self._step(provision.prepare_external(url))
        else:
            self._step(f"PostgreSQL in {settings.VAR_DIR / 'postgres'}")
            provision.start_postgres()
        if not os.environ.get("CELERY_BROKER_URL"):
            self._step(f"Valkey in {settings.VAR_DIR / 'valkey'}")
            provision.start_valkey()
        if applied := startup.migrate():
            self._step(f"{applied} migrations applied")
        if startup.collect_static(settings.VAR_DIR):
            self._step("Static files collected")
        if os.environ.get("DEMO", "1") != "0" and startup.has_command("load_demo") and startup.is_empty():
            self._step("Loading the demo market (only this first time) ...")
            startup.load_demo({})

    def _serve(self, host: str, port: int, address: str) -> None:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "MIDSTREAM_POOL": "8"}
        supervisor = Supervisor(children(host, port), environment, embedded_servers())
        supervisor.start()
        try:
            deadline = time.monotonic() + WEB_PATIENCE_S
            while not supervisor.stopping and time.monotonic() < deadline and not running.answers(host, port):
                supervisor.run(until=time.monotonic() + 0.2)
            if not supervisor.stopping:
                self._announce(address)
            supervisor.run()
            self._step("Stopping ...")
        finally:
            supervisor.stop()
            for server in (provision.valkey(), provision.postgres()):
                server.release()
        self._step("Stopped.")

    def _announce(self, address: str) -> None:
        logins = settings.VAR_DIR / "demo_logins.txt"
        lines = [f"Midstream serves at {address}   (Ctrl-C stops it)"]
        if logins.exists():
            lines.append(logins.read_text().strip())
        self._step("\n" + "\n".join(lines) + "\n")

    def _step(self, text: str) -> None:
        try:
            self.stdout.write(text)
            self.stdout.flush()
        except BrokenPipeError:
            return


def embedded_servers() -> dict[str, Callable[[], bool]]:
    """Return what revives each server that is ours to keep alive."""
    servers: dict[str, Callable[[], bool]] = {}
    if not (os.environ.get("DATABASE_OWNER_URL") or os.environ.get("DATABASE_URL")):
        servers["postgres"] = provision.postgres().revive
    if not os.environ.get("CELERY_BROKER_URL"):
        servers["valkey"] = provision.valkey().revive
    return servers


def children(host: str, port: int) -> list[Child]:
    """List the programs of the platform; the first is stopped first."""
    python = sys.executable
    # A worker in a container is often root, and JSON messages cannot run code; the warning says nothing new.
    quiet = ["-W", "ignore:You're running the worker with superuser"]
    celery = [python, *quiet, "-m", "celery", "--quiet", "-A", "b2b.celery"]
    programs = [
        Child("web", [
            python, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
            "--workers", os.environ.get("WEB_WORKERS", "2"), "--blocking-threads", "4", "--no-ws",
            "--respawn-failed-workers", "--workers-kill-timeout", "10", "b2b.wsgi:application",
        ]),
        Child("beat", [*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""]),
        Child("worker", [
            *celery, "worker", "--queues", ",".join(settings.QUEUES), "--loglevel", "INFO",
            "--concurrency", os.environ.get("WORKER_PROCESSES", "2"), "--without-gossip", "--without-mingle",
        ]),
    ]  # fmt: skip
    if startup.has_command("relay_outbox"):
        programs.insert(1, Child("relay", [python, startup.MANAGE, "relay_outbox"]))
    if startup.has_command("send_webhooks"):
        programs.insert(2, Child("webhooks", [python, startup.MANAGE, "send_webhooks"]))
    return programs
