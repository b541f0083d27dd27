"""Check digits and check characters (GS1 General Specifications, sections 7.9.1 and 7.9.5)."""

from __future__ import annotations

from typing import Final

# Check character pairs: the weights of the data characters from the right, and the 32 characters of the result.
PRIMES: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)
CHECK_CHARACTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CSET82: Final = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"


def check_digit(digits: str) -> int:
    """Return the GS1 modulo-10 check digit: weights 3, 1, 3, ... from the right.

    :raises ValueError: when something else than digits is given.
    """
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"{digits!r} is not all digits")
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def with_check_digit(digits: str) -> str:
    """Append the check digit. :raises ValueError: when something else than digits is given."""
    return f"{digits}{check_digit(digits)}"


def is_checked(digits: str) -> bool:
    """Tell whether the last digit is the check digit of those before it."""
    return (
        len(digits) > 1
        and digits.isascii()
        and digits.isdigit()
        and check_digit(digits[:-1]) == int(digits[-1])
    )


def check_pair(data: str) -> str:
    """Return the check character pair of a Global Model Number without its pair, at most 23 characters.

    :raises ValueError: when it is longer, or has a character outside GS1's set 82.
    """
    if len(data) > len(PRIMES):
        raise ValueError(f"at most {len(PRIMES)} characters have a check pair")
    total = sum(
        CSET82.index(character) * weight for character, weight in zip(reversed(data), PRIMES, strict=False)
    )
    high, low = divmod(total % 1021, 32)
    return CHECK_CHARACTERS[high] + CHECK_CHARACTERS[low]
