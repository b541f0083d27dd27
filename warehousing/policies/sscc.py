"""Serial shipping container codes (GS1 General Specifications, sections 3.2 and 7.9)."""

from __future__ import annotations

from b2b.core.errors import DomainError

DIGITS = 17  # before the check digit


class SerialsExhausted(DomainError):
    """The company prefix has no serial references left."""

    code = "sscc_exhausted"


def check_digit(digits: str) -> int:
    """Return the GS1 modulo-10 check digit: weights 3, 1, 3, ... from the right (section 7.9.1).

    :raises ValueError: when something else than digits is given.
    """
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"{digits!r} is not all digits")
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -total % 10


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
    if len(code) != DIGITS + 1 or not (code.isascii() and code.isdigit()):
        return False
    return check_digit(code[:-1]) == int(code[-1])
