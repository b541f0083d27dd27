"""The steps between a checkout and a platform that serves: schema, static files, demo market."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from b2b.embedded.failure import EmbeddedError

MANAGE = str(Path(__file__).resolve().parent.parent.parent / "manage.py")


def migrate() -> int:
    """Bring the schema up to date; return how many migrations were applied."""
    from django.core.management import call_command
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections["owner"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        call_command("migrate", verbosity=0, interactive=False)
    connections.close_all()
    return len(plan)


def collect_static(var: Path) -> bool:
    """Collect the static files unless they are the same as last time; tell whether anything was done."""
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    stamp = var / "static.stamp"
    if stamp.exists() and stamp.read_text() == digest.hexdigest() and (var / "static").exists():
        return False
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(digest.hexdigest())
    return True


def has_command(name: str) -> bool:
    """Tell whether an installed app brings a management command."""
    from django.core.management import get_commands

    return name in get_commands()


def is_empty() -> bool:
    """Tell whether no party has been entered yet."""
    from django.apps import apps
    from django.db import connections

    model = apps.get_model("directory", "Organization")
    try:
        return not model._base_manager.using("owner").exists()
    finally:
        connections.close_all()


def load_demo(environment: dict[str, str]) -> None:
    """Play the demo market into an empty database, in a process of its own."""
    result = subprocess.run(
        [sys.executable, MANAGE, "load_demo"], env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip
    if result.returncode:
        raise EmbeddedError(
            "The demo market could not be loaded; what it said stands above. "
            "Start without it: DEMO=0 make run. Begin afresh: remove var/ and start again."
        )
