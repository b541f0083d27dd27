"""How the verbs of the machines read on a timeline."""

from __future__ import annotations

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

PAST: dict[str, Any] = {
    "accept": _("Accepted"),
    "acknowledge": _("Acknowledged"),
    "agree": _("Agreed"),
    "allocate": _("Allocated"),
    "allocate_partly": _("Partly allocated"),
    "approve": _("Approved"),
    "ask": _("Asked"),
    "await_approval": _("Sent for approval"),
    "award": _("Awarded"),
    "cancel": _("Cancelled"),
    "change": _("Changed"),
    "close": _("Closed"),
    "commit": _("Committed"),
    "complete": _("Completed"),
    "confirm": _("Confirmed"),
    "decline": _("Declined"),
    "deliver": _("Delivered"),
    "depart": _("Departed"),
    "draft": _("Drafted"),
    "drop": _("No longer needed"),
    "expect": _("Expected"),
    "expire": _("Expired"),
    "fail": _("Delivery failed"),
    "freeze": _("Frozen at the cut-off"),
    "issue": _("Issued"),
    "lose": _("Not awarded"),
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
    "revise": _("Bettered"),
    "send": _("Sent to the factory"),
    "settle": _("Paid in full"),
    "settle_partly": _("Paid in part"),
    "state": _("Stated"),
    "submit": _("Quoted"),
    "unplan": _("Taken off the trip"),
    "unseal": _("Opened"),
    "withdraw": _("Withdrawn"),
}


def past(verb: str) -> Any:
    """Return a verb in the past, as a timeline tells it."""
    return PAST.get(verb) or capfirst(verb.replace("_", " "))
