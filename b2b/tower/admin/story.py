"""What the control tower adds to the pages of others: the story of an order across all apps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from b2b.admin.related import adds_entries
from b2b.admin.sites import actor_of
from b2b.admin.tables import Entry
from b2b.tower.selectors import timeline

SHOWN = 200
# The history of the order itself tells these already.
TOLD = ("confirmed", "cancelled", "changed")
TONES = {"delivered": "good", "invoiced": "good", "paid": "good", "not_delivered": "bad", "unpaid": "bad"}


@adds_entries("orders.order")
def story(request: HttpRequest, order: Any) -> Iterable[Entry]:
    """Tell what the other apps did for an order."""
    steps = timeline.of_order(actor_of(request), order.pk).exclude(step__in=TOLD)[:SHOWN]
    for step in steps:
        detail = step.document_number
        yield Entry(at=step.at, title=step.text, detail=detail, tone=TONES.get(step.step, "busy"))
