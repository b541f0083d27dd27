"""How the picks of a wave are parted among people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from warehousing.policies.picking_path import Stop, walk


@dataclass(frozen=True, slots=True)
class Job:
    """A pick: where it is, for which order, in which zone."""

    stop: Stop
    order: object
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One list: picks in the order of its walk."""

    zone: str
    keys: tuple[int, ...]


def divide(jobs: Iterable[Job], method: str, *, list_size: int, orders_per_list: int) -> list[Part]:
    """Part picks into lists, each in the order of the walk; lists follow each other as their first picks do.

    SINGLE: one order a list. CLUSTER: whole orders, at most `orders_per_list`, together where the walk meets them
    together. ZONE: one zone and at most `list_size` picks a list. BATCH: at most `list_size` picks. Promise: every pick
    is on exactly one list, no list is empty, and a list of SINGLE or CLUSTER has all the picks of its orders.

    :raises ValueError: when the method is unknown or a size is not positive.
    """
    if list_size < 1 or orders_per_list < 1:
        raise ValueError("a list holds at least one pick and one order")
    given = {job.stop.key: job for job in jobs}
    path = [given[key] for key in walk(job.stop for job in given.values())]
    if method == "BATCH":
        groups = _cut(path, list_size)
    elif method == "ZONE":
        groups = [group for zone in _by(path, "zone") for group in _cut(zone, list_size)]
    elif method == "SINGLE":
        groups = _by(path, "order")
    elif method == "CLUSTER":
        orders = _by(path, "order")
        clusters = [orders[at : at + orders_per_list] for at in range(0, len(orders), orders_per_list)]
        groups = [[job for order in cluster for job in order] for cluster in clusters]
    else:
        raise ValueError(f"there is no method {method}")
    return [_part(group) for group in groups]


def _cut(jobs: Sequence[Job], size: int) -> list[list[Job]]:
    return [list(jobs[at : at + size]) for at in range(0, len(jobs), size)]


def _by(jobs: Iterable[Job], name: str) -> list[list[Job]]:
    """Group by an attribute; groups and their members stay in the order of the walk."""
    groups: dict[object, list[Job]] = {}
    for job in jobs:
        groups.setdefault(getattr(job, name), []).append(job)
    return list(groups.values())


def _part(jobs: Sequence[Job]) -> Part:
    zones = {job.zone for job in jobs}
    return Part(zones.pop() if len(zones) == 1 else "", tuple(walk(job.stop for job in jobs)))
