"""`python -m benchmarks [name ...] [--peers]`: run the benchmarks on an embedded server of their own."""

import argparse
import os
import pkgutil
import signal
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
NOT_BENCHMARKS = {"__main__", "report", "settings", "instances"}


def modules() -> dict[str, ModuleType]:
    """Import what lies in this package and has a `run`."""
    names = [
        info.name
        for info in pkgutil.iter_modules([str(ROOT / "benchmarks")])
        if info.name not in NOT_BENCHMARKS
    ]
    found = {name: import_module(f"benchmarks.{name}") for name in sorted(names)}
    return {name: module for name, module in found.items() if hasattr(module, "run")}


class Databases:
    """One migrated template, and a fresh copy of it for each benchmark under the name the settings know."""

    def __init__(self) -> None:
        from b2b.embedded.provision import postgres, valkey

        self.postgres, self.valkey = postgres(), valkey()
        self.postgres.acquire()
        self.valkey.acquire()
        self.template = ""

    def prepare(self) -> None:
        """Migrate a template unless the last run left one of the same migrations."""
        import django

        from b2b.embedded import databases, provision, roles

        with self.postgres.connect() as connection:
            roles.create_roles(connection, login=True)
        django.setup()
        from django.core.management import call_command
        from django.db import connections

        from tests.support.database import migrations_digest

        self.template = f"bench_{migrations_digest()}"
        with self.postgres.connect() as connection:
            query = "SELECT datname FROM pg_database WHERE starts_with(datname, 'bench_')"
            names = [name for (name,) in connection.execute(query)]
            if self.template in names:
                return
            for name in [*names, databases.NAME]:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            (self.postgres.home / "provisioned").unlink(missing_ok=True)
            provision.prepare(self.postgres, databases.NAME)
            call_command("migrate", verbosity=0, interactive=False)
            connections.close_all()
            connection.execute(f'ALTER DATABASE "{databases.NAME}" RENAME TO "{self.template}"')

    def fresh(self) -> None:
        """Put a fresh copy of the template where the settings look."""
        from django.db import connections

        from b2b.embedded import databases, roles

        connections.close_all()
        with self.postgres.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{databases.NAME}" WITH (FORCE)')
            connection.execute(
                f'CREATE DATABASE "{databases.NAME}" TEMPLATE "{self.template}" OWNER {roles.OWNER} STRATEGY FILE_COPY'
            )
        with self.postgres.connect(databases.NAME) as inside:
            roles.limit(inside)

    def release(self) -> None:
        """Leave the servers."""
        from django.db import connections

        connections.close_all()
        self.valkey.release()
        self.postgres.release()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help="which; all when none is named")
    parser.add_argument(
        "--peers", action="store_true", help="run other projects beside ours where they are installed"
    )
    parser.add_argument("--most", type=int, default=10**6, help="the largest size, for a quick look")
    options = parser.parse_args()
    os.environ["MIDSTREAM_VAR"] = str(ROOT / "var" / "bench")
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    os.environ["MIDSTREAM_POOL"] = "0"
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "CELERY_BROKER_URL"):
        os.environ.pop(name, None)

    from benchmarks.report import Report

    # An orderly end stops the servers; the default one would leave them running.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    places = Databases()
    try:
        places.prepare()
        known = modules()
        wanted = list(dict.fromkeys(options.names))
        unknown = set(wanted) - set(known)
        if unknown:
            parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        print(
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start, {time.strftime('%Y-%m-%d %H:%M')}"
        )
        report = Report(ROOT / "var" / "bench.json", most=options.most)
        from b2b.core.actor import acting_as, system

        began, failed = time.monotonic(), []
        for name in wanted or known:
            places.fresh()
            report.note(f"--- {name}")
            try:
                with acting_as(system("benchmark")):
                    known[name].run(report)
                    if options.peers and hasattr(known[name], "peers"):
                        known[name].peers(report)
            except Exception:  # noqa: BLE001 - one that breaks must not cost the figures of the others
                failed.append(name)
                report.note(traceback.format_exc())
            report.write()
        report.note(f"{time.monotonic() - began:.0f} s in all; load {os.getloadavg()[0]:.1f} at the end")
        if failed:
            report.note(f"failed: {', '.join(failed)}")
            return 1
    finally:
        places.release()
    return 0


if __name__ == "__main__":
    sys.exit(main())
