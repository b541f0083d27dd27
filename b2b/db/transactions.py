"""One unit of work: opened by whoever comes first, joined by everyone after."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from types import TracebackType
from typing import ParamSpec, TypeVar, cast

from django.db import OperationalError, connection, transaction

from b2b.core.errors import DomainError

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)

RETRYABLE = ("40001", "40P01")  # serialization_failure, deadlock_detected


class Busy(DomainError):
    """Somebody else holds these rows; try again in a moment."""

    code = "busy"
    status = 503


class NoTransaction(DomainError):
    """This must run inside a unit of work."""

    code = "no_transaction"
    status = 500


def _outermost() -> bool:
    """Tell whether no code of ours has opened a transaction (a test's own wrapping does not count)."""
    return all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def require_transaction() -> None:
    """Refuse to go on outside a transaction.

    :raises NoTransaction: when nothing would hold the locks about to be taken.
    """
    if not connection.in_atomic_block:
        raise NoTransaction


def afterwards(act: Callable[[], object]) -> None:
    """Carry out `act` once the outermost unit of work has ended, kept or undone, in a transaction of its own.

    For telling somebody of what was refused: a refusal undoes what the unit wrote, but not the news of it. A process
    that dies in between loses the news, so no fact may depend on it; what `act` raises is logged and stops nobody.

    :raises NoTransaction: outside a unit of work.
    """
    waiting = _waiting()
    if waiting is None:
        raise NoTransaction
    waiting.append(act)


def _waiting() -> list[Callable[[], object]] | None:
    return getattr(connection, "midstream_afterwards", None)


@contextmanager
def _ended() -> Iterator[None]:
    """Carry out what was put off once the block has ended, unless it is going to be tried again."""
    waiting: list[Callable[[], object]] = []
    connection.midstream_afterwards = waiting  # type: ignore[attr-defined]
    try:
        yield
    except OperationalError:
        waiting.clear()
        raise
    finally:
        connection.midstream_afterwards = None  # type: ignore[attr-defined]
        for act in waiting:
            try:
                act()
            except Exception:
                log.exception("what was to be told after a unit of work is lost")


def _sqlstate(error: BaseException) -> str:
    return str(getattr(error.__cause__, "sqlstate", "") or "")


class unit_of_work:  # noqa: N801 - reads as a verb at the place of use
    """Open a transaction, or join the one that is open; never a silent savepoint.

    As a decorator (`@unit_of_work()`) the outermost call is run again after a serialisation failure or a deadlock,
    at most `attempts` times, with jitter. As a context manager (`with unit_of_work():`) it is run once.

    :raises Busy: when a lock was not to be had within its timeout.
    """

    def __init__(self, *, attempts: int = 4) -> None:
        self.attempts = attempts
        self._blocks: list[ExitStack] = []

    def __enter__(self) -> None:
        stack = ExitStack()
        if is_outermost := _outermost():
            stack.enter_context(_ended())
        stack.enter_context(transaction.atomic(savepoint=is_outermost))
        self._blocks.append(stack)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._blocks.pop().__exit__(kind, error, trace)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def inner(*args: P.args, **kwargs: P.kwargs) -> R:
            if not _outermost():
                with transaction.atomic(savepoint=False):
                    return function(*args, **kwargs)
            return self._attempt(lambda: function(*args, **kwargs))

        return cast(Callable[P, R], inner)

    def _attempt(self, call: Callable[[], R]) -> R:
        def once() -> R:
            with _ended(), transaction.atomic():
                return call()

        return retried(once, attempts=self.attempts)


def retried(call: Callable[[], R], *, attempts: int = 4) -> R:
    """Make a call that is a transaction of its own, again after a serialisation failure or a deadlock, with jitter.

    Within a transaction the call is made once: what failed in part cannot be repeated in part.

    :raises Busy: when a lock was not to be had within its timeout.
    """
    for attempt in range(1, attempts + 1):
        try:
            return call()
        except OperationalError as error:
            state = _sqlstate(error)
            if state == "55P03":  # lock_not_available
                raise Busy from error
            if state not in RETRYABLE or attempt == attempts or not _outermost():
                raise
            time.sleep(random.uniform(0.01, 0.05) * 2**attempt)
    raise AssertionError("unreachable: the last attempt returns or raises")
