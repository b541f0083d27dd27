"""Run a program under an ordinary account when we are root, because PostgreSQL refuses to be root."""

import ctypes
import os
import pwd
import sys
from collections.abc import Callable
from pathlib import Path

from b2b.embedded.failure import EmbeddedError

CANDIDATES = ("midstream", "postgres", "nobody")
PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 8, 47, 2
CAP_DAC_OVERRIDE = 1
LINUX_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def unprivileged() -> pwd.struct_passwd | None:
    """Name the account for servers that refuse root; None when we are an ordinary user already."""
    if os.geteuid() != 0:
        return None
    for name in CANDIDATES:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedError(
        "PostgreSQL refuses to run as root and this machine has none of the accounts "
        f"{', '.join(CANDIDATES)}. Create one of them, run as an ordinary user, or set DATABASE_URL."
    )


def reaches(account: pwd.struct_passwd, path: Path) -> bool:
    """Tell whether an account may walk down to a path."""
    for directory in path.resolve().parents:
        status = directory.stat()
        bit = (
            0o100 if status.st_uid == account.pw_uid else 0o010 if status.st_gid == account.pw_gid else 0o001
        )
        if not status.st_mode & bit:
            return False
    return True


def switch(account: pwd.struct_passwd | None, *paths: Path) -> Callable[[], None] | None:
    """Return what a child must call before exec to become the account.

    A checkout under a private home (mode 0700) stays private: rather than open it to everyone, the child
    keeps the one capability that lets it walk there (capabilities(7), ambient set).
    """
    if account is None:
        return None
    keep = not all(reaches(account, path) for path in paths)
    if keep and _libc is None:
        raise EmbeddedError(
            f"The account {account.pw_name} cannot reach {paths[0]}. "
            "Set MIDSTREAM_VAR to a directory that everybody may enter, or run as an ordinary user."
        )

    def become() -> None:
        if keep:
            _keep_capability_over_setuid()
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
        if keep:
            _raise_ambient_capability()

    return become


def _keep_capability_over_setuid() -> None:
    if _libc is not None and _libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_KEEPCAPS)")


def _raise_ambient_capability() -> None:
    if _libc is None:
        return
    header = (ctypes.c_uint32 * 2)(LINUX_CAPABILITY_VERSION_3, 0)
    mask = 1 << CAP_DAC_OVERRIDE
    data = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    if _libc.capset(header, data) or _libc.prctl(
        PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0
    ):
        raise OSError(ctypes.get_errno(), "capset")


def die_with_parent(signal_number: int) -> Callable[[], None]:
    """Return what a child must call before exec to receive a signal when its parent dies, even by kill -9."""
    parent = os.getpid()

    def bind() -> None:
        if _libc is None:
            return
        _libc.prctl(1, signal_number, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return bind
