"""Several client processes that begin at the same moment, each on a connection of its own."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections

from b2b.core.actor import acting_as, system

Work = Callable[[Any], None]


def together(begin: Callable[[], Work], items: Sequence[Any], clients: int) -> float:
    """Deal the items out to forked processes and return the seconds from their start until the last is done.

    `begin` runs in each process first and returns what is done with an item; the first item of each process is done
    before the start, so that connections and plans are there.

    :raises RuntimeError: when a process fails.
    """
    connections.close_all()  # a forked process must not speak on its parent's connection
    context = multiprocessing.get_context("fork")
    ready, ended = context.Barrier(clients + 1), context.Barrier(clients + 1)
    processes = [
        context.Process(target=_client, args=(begin, items[number::clients], ready, ended))
        for number in range(clients)
    ]
    for process in processes:
        process.start()
    ready.wait(60)
    start = time.perf_counter()
    ended.wait(240)
    seconds = time.perf_counter() - start
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise RuntimeError("a client process failed")
    return seconds


def _client(begin: Callable[[], Work], items: Sequence[Any], ready: Any, ended: Any) -> None:
    try:
        with acting_as(system("benchmark")):
            work = begin()
            work(items[0])
            ready.wait(60)
            for item in items[1:]:
                work(item)
            ended.wait(240)
    except BaseException:
        ready.abort()
        ended.abort()
        raise
    finally:
        connections.close_all()
