"""The routes of debit notes in the tenancy matrix."""

from __future__ import annotations

from decimal import Decimal

from b2b.core.actor import DEALER, OPERATOR, acting_as
from finance.services import debit_note
from finance.services.debit_note import Debited
from tests.factories.finance import NOON, PLATFORM
from tests.finance import rest_world
from tests.house.tenancy_line import Case, Line, World


def _debit_note(world: World) -> Case:
    with acting_as(PLATFORM):
        made = debit_note.issue(
            rest_world.issue_invoice(world[DEALER]).pk,
            [Debited(1, 1, Decimal(2))],
            reason="the matrix",
            by=PLATFORM,
            at=NOON,
        )
    return Case({"debit_note_id": made.pk}, marker=made.number)


DESK = frozenset({"owner", "rival"})
DEBIT = {"invoice": "none", "reason": "x", "lines": [{"line_number": 1, "quantity": 1, "unit_price": "1"}]}

LINES: dict[str, Line] = {
    "debit-notes/": Line(
        lambda world: Case(marker=_debit_note(world).marker),
        changes=frozenset({OPERATOR}),
        body=lambda world: DEBIT,
    ),
    "debit-notes/<uuid:debit_note_id>/": Line(_debit_note),
    "debit-notes/<uuid:debit_note_id>/credit/": Line(
        _debit_note, owner=OPERATOR, sees=DESK, changes=DESK, body=lambda world: {"reason": "x"}
    ),
}
