#!/usr/bin/env python
"""Run a Django management command; the embedded database starts on demand."""

import os
import signal
import sys
from types import FrameType

# These neither read nor write the database; everything else finds it running.
WITHOUT_DATABASE = {
    "", "--help", "-h", "help", "--version", "version", "check", "diffsettings", "collectstatic", "findstatic",
    "makemessages", "compilemessages", "spectacular", "document_events", "startapp", "shutdown",
}  # fmt: skip
WITH_BROKER = {"relay_outbox"}


def leave(number: int, _frame: FrameType | None) -> None:
    """End as after an exception, so that the embedded servers learn that we are gone."""
    sys.exit(128 + number)


def start_servers(command: str) -> None:
    """Start the embedded parts a command needs, or end with the sentence that says why not."""
    from b2b.embedded.failure import EmbeddedError
    from b2b.embedded.provision import start_postgres, start_valkey

    try:
        if command not in WITHOUT_DATABASE and "--help" not in sys.argv:
            start_postgres()
        if command in WITH_BROKER:
            start_valkey()
    except EmbeddedError as error:
        sys.exit(f"{error}")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "b2b.settings.dev")
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    # One-off commands need one connection, not a pool of them.
    os.environ.setdefault("MIDSTREAM_POOL", "0")
    signal.signal(signal.SIGTERM, leave)
    if command != "up":
        start_servers(command)
    from b2b.embedded.failure import EmbeddedError

    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except EmbeddedError as error:  # the settings need var/ as well
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
