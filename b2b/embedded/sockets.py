"""Where the private unix sockets live, and whether anybody listens there."""

import hashlib
import os
import socket
import tempfile
from pathlib import Path

from b2b.embedded.failure import EmbeddedError

# sun_path holds 108 bytes on Linux and 104 on macOS, the closing zero included.
LONGEST_PATH = 103


def directory_for(home: Path, file_name: str) -> Path:
    """Return a directory whose socket path is short enough: in `home`, or a private one beside it under /tmp."""
    preferred = home / "run"
    if len(os.fsencode(preferred / file_name)) <= LONGEST_PATH:
        return preferred
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"midstream-{digest}"
    return short if len(os.fsencode(short / file_name)) <= LONGEST_PATH else Path("/tmp") / short.name


def make_private(directory: Path, uid: int, gid: int) -> None:
    """Create a socket directory that only one account may enter; refuse one that somebody else made."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = directory.stat().st_uid
    if directory.is_symlink() or owner not in {uid, os.geteuid()}:
        raise EmbeddedError(
            f"{directory} belongs to another account (uid {owner}). Remove it and start again."
        )
    if owner != uid:
        os.chown(directory, uid, gid)
    directory.chmod(0o700)


def listens(path: Path) -> bool:
    """Tell whether a process accepts connections on a unix socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(5)
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True
