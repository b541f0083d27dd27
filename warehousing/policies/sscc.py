"""Serial shipping container codes (GS1 General Specifications, sections 3.2 and 7.9)."""

from __future__ import annotations

from b2b.core.errors import DomainError
from b2b.core.gs1 import check_digit
from b2b.core.gs1.check import is_checked

DIGITS = 17  # before the check digit


class SerialsExhausted(DomainError):
    """The company prefix has no serial references left."""

    code = "sscc_exhausted"


def build(prefix: str, serial: int) -> str:
    """Return the SSCC of a serial: extension digit and serial reference fill what the company prefix leaves.

    Promise: different serials of one prefix give different codes, and every code passes `is_valid`.

    :raises SerialsExhausted: when the serial does not fit; a code is never used twice.
    """
    room = DIGITS - len(prefix)
    if serial < 0 or serial >= 10**room:
        raise SerialsExhausted(f"serial {serial} does not fit company prefix {prefix}", prefix=prefix)
    reference = f"{serial:0{room}d}"
    body = reference[0] + prefix + reference[1:]
    return f"{body}{check_digit(body)}"


def is_valid(code: str) -> bool:
    """Tell whether a text is an SSCC: eighteen digits, the last of them the check digit of the others."""
    return len(code) == DIGITS + 1 and is_checked(code)
