"""What the script of the dispatch board says."""

from __future__ import annotations

from django.utils.translation import gettext as _


def texts() -> dict[str, str]:
    """Return its texts by name, in the reader's language."""
    return {
        "unplanned": _("Not planned"),
        "nothing_unplanned": _("Every shipment is on a round."),
        "empty_round": _("No stops. Drop a shipment here."),
        "lock": _("Lock up to here"),
        "unlock": _("Unlock"),
        "earlier": _("Earlier"),
        "later": _("Later"),
        "move_to": _("Move to"),
        "take_off": _("Not planned"),
        "leaves": _("leaves"),
        "back": _("back"),
        "full": _("full"),
        "usually": _("usually"),
        "by": _("four in five by"),
        "late": _("late"),
        "changed": _("Not saved yet."),
        "sound": _("The rounds keep every rule."),
        "planning": _("Planning…"),
        "found": _("The planner found other rounds; look at them and save."),
        "moved": _("moved to another vehicle"),
        "added": _("added"),
        "dropped": _("left out"),
        "failed": _("The plan came to nothing."),
        "lost": _("The server could not be reached; nothing was saved."),
        "play": _("Play"),
        "pause": _("Pause"),
        "under_way": _("On the road"),
        "depot": _("Warehouse"),
    }
