"""How the verbs of the machines read on a timeline."""

from __future__ import annotations

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

PAST: dict[str, Any] = {
    "accept": _("Accepted"),
    "allocate": _("Allocated"),
    "allocate_partly": _("Partly allocated"),
    "acknowledge": _("Acknowledged"),
    "cancel": _("Cancelled"),
    "close": _("Closed"),
    "commit": _("Committed"),
    "complete": _("Completed"),
    "confirm": _("Confirmed"),
    "deliver": _("Delivered"),
    "depart": _("Departed"),
    "expect": _("Expected"),
    "fail": _("Delivery failed"),
    "freeze": _("Frozen at the cut-off"),
    "issue": _("Issued"),
    "open": _("Opened"),
    "pack": _("Packed"),
    "pick": _("Picked"),
    "place": _("Placed"),
    "plan": _("Put on a trip"),
    "receive": _("Received"),
    "reject": _("Rejected"),
    "release": _("Released"),
    "reopen": _("Opened again"),
    "reprice": _("Repriced at the pooled break"),
    "resolve": _("Resolved"),
    "retry": _("Back to the plan"),
    "send": _("Sent to the factory"),
    "settle": _("Paid in full"),
    "settle_partly": _("Paid in part"),
    "state": _("Stated"),
    "unplan": _("Taken off the trip"),
}


def past(verb: str) -> Any:
    """Return a verb in the past, as a timeline tells it."""
    return PAST.get(verb) or capfirst(verb.replace("_", " "))
