"""The pages of warehousing, on the operator's site; importing the package registers them."""

from warehousing.admin import (
    carry,
    desks,
    gate,
    home,
    inspection,
    on_order,
    package,
    place,
    promise,
    recall,
    receipt,
    receiving_rules,
    returns,
    stock,
    wave,
)

__all__ = [
    "carry",
    "desks",
    "gate",
    "home",
    "inspection",
    "on_order",
    "package",
    "place",
    "promise",
    "recall",
    "receipt",
    "receiving_rules",
    "returns",
    "stock",
    "wave",
]
