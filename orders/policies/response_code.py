"""What an answer of a factory is called: our word, and the codes of UBL (PEPPOL BIS Ordering) and X12 855."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Code:
    """The codes of one answer: UBL LineStatusCode (UN/ECE 1229) and X12 855 ACK01 (data element 668)."""

    ubl: str
    x12: str


CODES: Final = {
    "ACCEPTED": Code("5", "IA"),
    "QUANTITY_CHANGED": Code("3", "IQ"),
    "PRICE_CHANGED": Code("3", "IP"),
    "DATE_CHANGED": Code("3", "DR"),
    "PARTIAL": Code("3", "BP"),
    "BACK_ORDERED": Code("3", "IB"),
    "SUBSTITUTED": Code("3", "IS"),
    "REJECTED": Code("7", "IR"),
}
OF_X12: Final = {code.x12: word for word, code in CODES.items()}


def word_of(code: str) -> str | None:
    """Return our word for a code given as word or as X12 855; None for an unknown one, empty for none."""
    code = code.strip().upper()
    return code if code in CODES or not code else OF_X12.get(code)


def derive(
    *,
    asked: int,
    confirmed: int,
    deliveries: int = 1,
    is_priced_anew: bool = False,
    is_later: bool = False,
    has_substitute: bool = False,
) -> str:
    """Return the word for what a factory promises of a quantity of base units.

    The gravest change names the answer: nothing or something else, then parts, quantity, price, date.
    """
    if has_substitute:
        return "SUBSTITUTED"
    if not confirmed:
        return "REJECTED"
    if deliveries > 1:
        return "PARTIAL"
    if confirmed != asked:
        return "QUANTITY_CHANGED"
    if is_priced_anew:
        return "PRICE_CHANGED"
    return "DATE_CHANGED" if is_later else "ACCEPTED"


def fits(word: str, *, asked: int, confirmed: int, is_priced_anew: bool, has_substitute: bool) -> bool:
    """Tell whether a word does not contradict the quantities, price and substitute it is given with."""
    if has_substitute != (word == "SUBSTITUTED"):
        return False
    if word == "REJECTED":
        return not confirmed
    if word in ("BACK_ORDERED", "DATE_CHANGED", "PARTIAL"):
        return confirmed > 0
    if word == "ACCEPTED":
        return confirmed == asked and not is_priced_anew
    return is_priced_anew if word == "PRICE_CHANGED" else True


def of_document(words: Iterable[str], *, is_complete: bool) -> str:
    """Return the UBL OrderResponseCode (UN/CEFACT 4343) of all lines: AP, RE, or CA; AB when none was answered."""
    said = set(words)
    if not said:
        return "AB"
    if is_complete and len(said) == 1 and said <= {"ACCEPTED", "REJECTED"}:
        return "AP" if said == {"ACCEPTED"} else "RE"
    return "CA"
