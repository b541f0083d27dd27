"""For handhelds: take a list, confirm pick by pick, report what is not there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from b2b.core.actor import OPERATOR, Actor
from b2b.http.views import CommandView
from warehousing.rest.pick_shapes import (
    GivenBackShape,
    PickClaimInput,
    PickConfirmInput,
    PickerInput,
    PickListShape,
    PickTaskShape,
)
from warehousing.selectors import work
from warehousing.services import pick


def named(data: Any, by: Actor) -> str:
    """Return who picks: the badge that was scanned, or whoever signed in."""
    return str(data["picker"] or by.name or by.credential)


class Claim(CommandView):
    """Give a picker the list they are on, or the next free one, for fifteen minutes; each pick prolongs it."""

    scope, kinds = "warehousing", {OPERATOR}
    input, output = PickClaimInput, PickListShape

    def call(self, data: Any, *, by: Actor, at: datetime) -> Any:
        """Call the service."""
        house = work.warehouse(by, data["warehouse"])
        held = pick.claim(house.pk, picker=named(data, by), zone=data["zone"], at=at)
        return work.pick_list(by, held.pk)


class GiveBack(CommandView):
    """Let others have the lists a picker holds."""

    scope, kinds = "warehousing", {OPERATOR}
    input, output = PickerInput, GivenBackShape

    def call(self, data: Any, *, by: Actor, at: datetime) -> Any:
        """Call the service."""
        return {"lists": pick.give_back(named(data, by))}


class Confirm(CommandView):
    """Confirm a task in full; scans of place and goods are held against it."""

    scope, kinds = "warehousing", {OPERATOR}
    input, output = PickConfirmInput, PickTaskShape
    report = staticmethod(pick.confirm)

    def call(self, data: Any, *, by: Actor, at: datetime, task: str) -> Any:
        """Call the service."""
        found = work.pick_task(by, task)
        done = type(self).report(
            found.pk,
            quantity=data["quantity"],
            picker=named(data, by),
            place=data["place"],
            goods=data["goods"],
            into=data["into"],
            by=by,
            at=at,
        )
        return work.pick_task(by, f"{found.wave.number}.{done.task_number}")


class Short(Confirm):
    """Report that only so much is there; what can be had elsewhere is on the same list at once."""

    report = staticmethod(pick.short)
