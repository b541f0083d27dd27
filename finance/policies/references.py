"""Find the numbers of documents in what a payer wrote, however it is written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from stdnum import iso11649

PREFIX: Final = "INV"
DEBIT_PREFIX: Final = "DN"
WORDS_IN_NUMBER: Final = 12  # a number may be written with blanks or dashes between its parts
MAX_DIGITS: Final = 18
FRAGMENT: Final = 4  # so many digits of a number tell something
CREDITOR_REFERENCE: Final = re.compile(r"RF\d{2}[A-Z0-9 ]{1,28}")


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Z0-9]+", unicodedata.normalize("NFKC", text).upper())


def series(prefix: str, issuer_code: str) -> str:
    """Return what the numbers of one issuer begin with, letters and digits only."""
    return "".join(_words(f"{prefix} {issuer_code}"))


def reference_key(of_series: str, value: int) -> str:
    """Return an invoice number as it is compared: its series and its value without leading zeros."""
    return f"{of_series}-{value}"


def references(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """Find the numbers of the known series in a remittance text, in the order they stand there, each once.

    Promise: a number is found however it is spaced, dashed, cased or padded with zeros, and what follows it is never
    taken for a part of it.
    """
    words = _words(text)
    found: dict[str, None] = {}
    longest_first = sorted(known, key=lambda one: (-len(one), one))
    for start, word in enumerate(words):
        for one in longest_first:
            value = _value_after(one, word, words[start + 1 : start + WORDS_IN_NUMBER])
            if value is not None:
                found[reference_key(one, value)] = None
                break
    return tuple(found)


def _value_after(of_series: str, word: str, following: Sequence[str]) -> int | None:
    """Return the number behind a series that begins in `word` and may go on in the words that follow."""
    at = next((n for n in range(len(word)) if _agree(word[n:], of_series)), None)
    if at is None:
        return None
    joined = word[at:]
    for next_word in (*following, ""):
        if len(joined) > len(of_series):
            break
        joined += next_word
        if not of_series.startswith(joined[: len(of_series)]):
            return None
    rest = joined[len(of_series) :]
    return int(rest) if joined.startswith(of_series) and rest.isdigit() and len(rest) <= MAX_DIGITS else None


def _agree(left: str, right: str) -> bool:
    """Tell whether one begins with the other."""
    return left.startswith(right) or right.startswith(left)


def verified(text: str, known: Iterable[str]) -> frozenset[str]:
    """Return the numbers carried by creditor references whose check digits agree (ISO 11649)."""
    found: set[str] = set()
    series_known = list(known)
    for match in CREDITOR_REFERENCE.finditer(unicodedata.normalize("NFKC", text).upper()):
        words = match[0].split(" ")
        for end in range(1, len(words) + 1):
            compact = "".join(words[:end])
            if len(compact) <= 25 and iso11649.is_valid(compact):
                found.update(references(compact[4:], series_known))
    return frozenset(found)


def creditor_reference(of_series: str, value: int) -> str:
    """Return the creditor reference of a number, with its check digits (ISO 11649)."""
    body = f"{of_series}{value:06d}"
    digits = "".join(str(int(character, 36)) for character in f"{body}RF00")
    return f"RF{98 - int(digits) % 97:02d}{body}"


def fragments(text: str) -> frozenset[str]:
    """Return the runs of digits in a text that are long enough to tell something, without leading zeros."""
    runs = (run.lstrip("0") for run in re.findall(r"\d+", unicodedata.normalize("NFKC", text)))
    return frozenset(run for run in runs if len(run) >= FRAGMENT)


def is_slip(written: str, meant: str) -> bool:
    """Tell whether one number becomes the other by one slip: a digit wrong, missing, doubled, or two swapped."""
    if written == meant or abs(len(written) - len(meant)) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(written, meant, strict=False)) if a != b), None)
    if start is None:
        return True
    left, right = written[start:], meant[start:]
    swapped = len(left) > 1 and left[:2] == right[:2][::-1] and left[2:] == right[2:]
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or swapped
