"""Tell one asset from another, whoever writes it down: so that it is financed once."""

from __future__ import annotations

import hashlib
from datetime import date

from finance.policies import bill_number


def exact(kind: str, seller: str, number: str, issued: date) -> str:
    """Return the SHA-256 of what names an asset; spelling of the number makes no difference.

    It holds no name in the clear, so that it may be given to a register outside and compared there.
    """
    return _hash(kind, seller.casefold(), bill_number.key(number), issued.isoformat())


def alike(kind: str, seller: str, obligor: str, currency: str, amount: int, issued: date) -> str:
    """Return the SHA-256 of what an edited copy has in common with its original: all but the number."""
    return _hash(
        "alike", kind, seller.casefold(), obligor.casefold(), currency, str(amount), issued.isoformat()
    )


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
