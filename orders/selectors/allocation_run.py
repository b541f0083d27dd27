"""Sharings as the operator reads them: the runs, their rows, a replay, and whether equals were treated alike."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from b2b.core.actor import Actor
from orders.models import AllocationResult, AllocationRun, OrderCycle, PurchaseOrderLine
from orders.policies import equal_treatment, sharing_run
from orders.policies.equal_treatment import Group


@dataclass(frozen=True, slots=True)
class Replay:
    """What a run's kept inputs give when they are shared again, beside what the run keeps."""

    run: AllocationRun
    input_hash: str
    result_hash: str

    @property
    def is_same(self) -> bool:
        """Whether both hashes are those of the run."""
        return (self.input_hash, self.result_hash) == (self.run.input_hash, self.run.result_hash)


@dataclass(frozen=True, slots=True)
class Treated:
    """Equal requests for one purchase line of a run."""

    run: AllocationRun
    line_number: int
    sku: str
    group: Group


def visible(actor: Actor) -> QuerySet[AllocationRun]:
    """Return the runs, which the operator alone may see, without their inputs."""
    runs = AllocationRun.objects.visible_to(actor).defer("inputs")
    return runs.select_related("purchase_order__cycle")


def results(actor: Actor, run_id: UUID) -> QuerySet[AllocationResult]:
    """Return the rows of a run with dealer, order line and product."""
    rows = AllocationResult.objects.visible_to(actor).filter(run_id=run_id)
    return rows.select_related("dealer", "peg__order_line__order", "peg__purchase_order_line__product")


def replay(run: AllocationRun) -> Replay:
    """Share a run's kept inputs again; nothing else is read and nothing is written."""
    inputs = sharing_run.unpack(bytes(run.inputs))
    return Replay(run, sharing_run.pack(inputs)[1], sharing_run.result_hash(sharing_run.run(inputs)))


def equal_requests(actor: Actor, cycle: OrderCycle) -> list[Treated]:
    """Return all groups of equal requests in the runs of a cycle, the unequally treated first. Two queries."""
    runs = list(
        AllocationRun.objects.visible_to(actor)
        .filter(purchase_order__cycle=cycle)
        .order_by("purchase_order_id", "response_version")
    )
    lines = {
        key: (number, sku)
        for key, number, sku in PurchaseOrderLine.objects.visible_to(actor)
        .filter(purchase_order__cycle=cycle)
        .values_list("pk", "line_number", "product__sku")
    }
    treated: list[Treated] = []
    for run in runs:
        inputs = sharing_run.unpack(bytes(run.inputs))
        groups = equal_treatment.compare(inputs, sharing_run.run(inputs))
        treated += [Treated(run, *lines[group.supply], group) for group in groups]
    return sorted(treated, key=lambda one: one.group.is_equal)
