"""The pages of warehousing, on the operator's site; importing the package registers them."""

from warehousing.admin import (
    desks,
    home,
    on_order,
    package,
    place,
    promise,
    recall,
    receipt,
    returns,
    stock,
    wave,
)

__all__ = [
    "desks",
    "home",
    "on_order",
    "package",
    "place",
    "promise",
    "recall",
    "receipt",
    "returns",
    "stock",
    "wave",
]
