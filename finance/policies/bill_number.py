"""Compare the numbers of bills as people miswrite them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LOOKALIKES: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "S": "5", "B": "8"})


def key(number: str) -> str:
    """Return what two writings of one number share: letters and digits, lookalikes as digits, no leading zeros.

    Promise: spaces, dashes, case, width and leading zeros of the groups make no difference.
    """
    groups = re.findall(r"[A-Z0-9]+", unicodedata.normalize("NFKC", number).upper())
    plain = (group.translate(_LOOKALIKES).lstrip("0") for group in groups)
    return "".join(plain)[:80] or "0"


def are_near(left: str, right: str) -> bool:
    """Tell whether two keys are equal, or become so by one character added, left out, changed or two swapped.

    Method: optimal string alignment distance of at most one, in linear time.
    """
    if left == right:
        return True
    short, long = sorted((left, right), key=len)
    if len(long) - len(short) > 1:
        return False
    at = next(
        (n for n, (one, other) in enumerate(zip(short, long, strict=False)) if one != other), len(short)
    )
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    return swapped or short[at + 1 :] == long[at + 1 :]
