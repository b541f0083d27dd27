"""A signing key of this machine's own, so that nobody runs with a published one."""

import os
import secrets
from pathlib import Path

from b2b.embedded.handles import make_directory


def kept_key(var: Path) -> str:
    """Return the key stored in `var`, creating it (mode 0600) the first time; safe when two start at once."""
    path = make_directory(var) / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_text().strip()
        if key:
            return key
        path.unlink(missing_ok=True)
        return kept_key(var)
    with os.fdopen(descriptor, "w") as handle:
        key = secrets.token_urlsafe(64)
        handle.write(key)
    return key
