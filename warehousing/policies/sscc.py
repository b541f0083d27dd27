"""Serial shipping container codes (GS1 General Specifications, sections 3.2 and 7.9)."""

from __future__ import annotations

from hashlib import blake2b

from b2b.core.errors import DomainError
from b2b.core.gs1 import with_check_digit
from b2b.core.gs1.check import is_checked

DIGITS = 17  # before the check digit
ROUNDS = 10


class SerialsExhausted(DomainError):
    """The company prefix has no serial references left."""

    code = "sscc_exhausted"


def build(prefix: str, extension: int, reference: int) -> str:
    """Return the SSCC of a serial reference: extension digit, company prefix, reference, check digit.

    Promise: different extensions or references of one prefix give different codes, and every code passes `is_valid`.

    :raises SerialsExhausted: when the reference does not fit.
    """
    room = room_of(prefix)
    if not 0 <= reference < 10**room or not 0 <= extension <= 9:
        raise SerialsExhausted(
            f"number {reference} does not fit company prefix {prefix} with extension digit {extension}",
            prefix=prefix,
            remedy="give the warehouse another extension digit or company prefix",
        )
    return with_check_digit(f"{extension}{prefix}{reference:0{room}d}")


def room_of(prefix: str) -> int:
    """Return how many digits a company prefix leaves for the serial reference."""
    return DIGITS - 1 - len(prefix)


def scatter(number: int, digits: int, key: bytes) -> int:
    """Shuffle the numbers of so many digits by a key.

    A Feistel network over two decimal halves with ten rounds, the structure of FF1 (NIST SP 800-38G) with keyed BLAKE2b
    as its round function. Promise: different numbers stay different.

    :raises SerialsExhausted: when the number has more digits.
    """
    if not 0 <= number < 10**digits:
        raise SerialsExhausted(f"number {number} has more than {digits} digits")
    below: int = 10 ** (digits // 2)
    above: int = 10 ** (digits - digits // 2)
    high, low = divmod(number, below)
    for turn in range(ROUNDS):
        if turn % 2:
            high = (high + _mix(turn, low, key)) % above
        else:
            low = (low + _mix(turn, high, key)) % below
    return high * below + low


def _mix(turn: int, half: int, key: bytes) -> int:
    return int.from_bytes(blake2b(f"{turn}:{half}".encode(), key=key, digest_size=8).digest())


def is_valid(code: str) -> bool:
    """Tell whether a text is an SSCC: eighteen digits, the last of them the check digit of the others."""
    return len(code) == DIGITS + 1 and is_checked(code)
