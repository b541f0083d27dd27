"""How the verbs of the machines read on a timeline."""

from __future__ import annotations

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

PAST: dict[str, Any] = {
    "accept": _("Accepted"),
    "accept_partly": _("Accepted in part"),
    "acknowledge": _("Acknowledged"),
    "agree": _("Agreed"),
    "allocate": _("Allocated"),
    "allocate_partly": _("Partly allocated"),
    "approve": _("Approved"),
    "ask": _("Asked"),
    "authorise": _("Allowed"),
    "await_approval": _("Sent for approval"),
    "award": _("Awarded"),
    "boxfill": _("Fills packs only"),
    "cancel": _("Cancelled"),
    "change": _("Changed"),
    "close": _("Closed"),
    "commit": _("Committed"),
    "complete": _("Completed"),
    "confirm": _("Confirmed"),
    "credit": _("Credited"),
    "credit_partly": _("Credited in part"),
    "decline": _("Declined"),
    "deliver": _("Delivered"),
    "depart": _("Departed"),
    "dispose": _("Inspected"),
    "dispose_partly": _("Inspected in part"),
    "draft": _("Drafted"),
    "drop": _("No longer needed"),
    "expect": _("Expected"),
    "expire": _("Expired"),
    "extend": _("Extended"),
    "fail": _("Delivery failed"),
    "freeze": _("Frozen at the cut-off"),
    "issue": _("Issued"),
    "lapse": _("Lapsed"),
    "lose": _("Not awarded"),
    "note_credit": _("Posted"),
    "open": _("Opened"),
    "pack": _("Packed"),
    "pick": _("Picked"),
    "place": _("Placed"),
    "plan": _("Put on a trip"),
    "raise": _("Raised"),
    "receive": _("Received"),
    "refuse": _("Refused"),
    "reject": _("Rejected"),
    "release": _("Released"),
    "reopen": _("Opened again"),
    "reprice": _("Repriced at the pooled break"),
    "request": _("Asked for"),
    "resolve": _("Resolved"),
    "retry": _("Back to the plan"),
    "revise": _("Revised"),
    "schedule": _("Planned"),
    "send": _("Sent to the factory"),
    "settle": _("Paid in full"),
    "settle_partly": _("Paid in part"),
    "share": _("Shared"),
    "state": _("Stated"),
    "submit": _("Quoted"),
    "unplan": _("Taken off the trip"),
    "unseal": _("Opened"),
    "withdraw": _("Withdrawn"),
}


def past(verb: str) -> Any:
    """Return a verb in the past, as a timeline tells it."""
    return PAST.get(verb) or capfirst(verb.replace("_", " "))
