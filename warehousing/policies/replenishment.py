"""How much a picking place wants from storage."""

from __future__ import annotations


def wanted(*, minimum: int, maximum: int, there: int, coming: int = 0, pack: int = 1) -> int:
    """Return what to bring: up to `maximum`, in whole packs, once less than `minimum` is there or on its way.

    Promise: nothing while `minimum` is there; never more than the place may hold; a multiple of `pack`.
    """
    has = there + coming
    return 0 if has >= minimum else max(0, (maximum - has) // pack * pack)
