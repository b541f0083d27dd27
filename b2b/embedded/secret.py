"""A signing key of this machine's own, so that nobody runs with a published one."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from b2b.embedded.handles import make_directory


def kept_key(var: Path) -> str:
    """Return the key stored in `var`, creating it (mode 0600) the first time; safe when two start at once."""
    path = make_directory(var) / "secret_key"
    if path.exists() and path.stat().st_size == 0:  # the disk was full when it was made
        path.unlink(missing_ok=True)
    if not path.exists():
        # Written beside it and then linked: nobody ever reads half a key or finds another's place taken.
        made = path.with_name(f"secret_key.{secrets.token_hex(8)}")
        with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(64))
        with suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    return path.read_text().strip()
