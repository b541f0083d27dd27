"""What a movement means in the words of the Core Business Vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Meaning:
    """Business step, disposition and action of a movement."""

    step: str
    disposition: str
    action: str = "OBSERVE"


_OF_STATUS: Final = {
    "INSPECTION": "in_progress",
    "BLOCKED": "non_sellable_other",
    "DAMAGED": "damaged",
}
_OF_KIND: Final = {
    "PUTAWAY": Meaning("storing", "sellable_accessible"),
    "PICK": Meaning("picking", "in_progress"),
    "PACK": Meaning("packing", "in_progress"),
    "ISSUE": Meaning("shipping", "in_transit"),
    "RETURN": Meaning("receiving", "returned"),
    "SEND_BACK": Meaning("shipping", "returned"),
    "OWNER": Meaning("accepting", "in_progress"),
    "SCRAP": Meaning("destroying", "destroyed", "DELETE"),
    "CORRECTION": Meaning("other", "in_progress"),
}
_SHELVES: Final = ("STORAGE", "PICKING")


def meaning(kind: str, *, source: str, destination: str, to_status: str) -> Meaning:
    """Say what a movement of a kind between two kinds of place means.

    Promise: every kind of movement between any two kinds of place has a meaning in the vocabulary.
    """
    if kind == "COUNT":
        return Meaning("cycle_counting", "in_progress", "ADD" if source == "LOSS" else "DELETE")
    if kind == "RECEIPT":
        at_fault = "non_conformant" if destination == "QUALITY" else "in_progress"
        return Meaning("receiving", _OF_STATUS.get(to_status, at_fault))
    if kind == "STATUS":
        return Meaning("inspecting", _OF_STATUS.get(to_status, "conformant"))
    if kind in _OF_KIND:
        return _OF_KIND[kind]
    if destination == "QUALITY":
        return Meaning("holding", _OF_STATUS.get(to_status, "non_sellable_other"))
    if source == "QUALITY":
        return Meaning("inspecting", _OF_STATUS.get(to_status, "conformant"))
    if destination == "STAGING":
        return Meaning("picking", "in_progress")
    return Meaning("storing", "sellable_accessible" if destination in _SHELVES else "in_progress")
