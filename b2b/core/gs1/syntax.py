"""Take a scan apart: element strings with FNC1, bracketed text, plain GTIN or SSCC. (Digital Link: `links`.)"""

from __future__ import annotations

import re
from typing import Final

from b2b.core.gs1 import check, identifiers
from b2b.core.gs1.elements import Element, element
from b2b.core.gs1.errors import refuse
from b2b.core.gs1.identifiers import Identifier

GS: Final = "\x1d"
# How scanners send FNC1: the group separator, its picture, or, where a keyboard would swallow it, a caret or a name.
# None of these can be part of a value.
SEPARATOR: Final = re.compile("\x1d|\\^|\u241d|\\{GS\\}")
BRACKET: Final = re.compile(r"\((\d{2,4})\)")
PLAIN_SIZES: Final = {8: "01", 12: "01", 13: "01", 14: "01", 18: "00"}


def element_strings(text: str, start: int) -> list[Element]:
    """Read concatenated element strings from a place on.

    :raises ScanError: at the first identifier that is unknown, or value that is not of its format.
    """
    found: list[Element] = []
    first = SEPARATOR.match(text, start)
    at = first.end() if first else start
    while at < len(text):
        known = identifiers.at(text[at : at + identifiers.LONGEST])
        if known is None:
            raise refuse(
                "unknown_identifier",
                f"no application identifier begins with {text[at : at + 4]!r}",
                position=at + 1,
                remedy="scan a GS1 bar code; after a value of open length FNC1 (GS) has to be sent",
            )
        end, after = _end(text, at, known)
        found.append(element(known, text[at + len(known.ai) : end], at + 1))
        at = after
    return found


def _end(text: str, at: int, known: Identifier) -> tuple[int, int]:
    """Return where the value ends, and where the next element begins."""
    separator = SEPARATOR.search(text, at)
    stop = separator.start() if separator else len(text)
    end = stop if known.size is None else min(at + known.size, stop)
    return end, separator.end() if separator and end == stop else end


def brackets(text: str, start: int) -> list[Element]:
    r"""Read `(01)...(10)...`; a bracket that belongs to a value is written `\(`.

    :raises ScanError: where an identifier should stand in brackets and does not, or is unknown.
    """
    found: list[Element] = []
    at = start
    while at < len(text):
        head = BRACKET.match(text, at)
        known = identifiers.get(head.group(1)) if head else None
        if head is None or known is None:
            raise refuse(
                "unknown_identifier",
                f"{text[at : at + 6]!r} is no application identifier in brackets",
                position=at + 1,
                remedy=r"write (01) before a value, and \( for a bracket inside it",
            )
        end = head.end()
        while end < len(text) and text[end] != "(":
            end += 2 if text.startswith("\\(", end) else 1
        found.append(element(known, text[head.end() : end].replace("\\(", "("), at + 1))
        at = end
    return found


def plain(digits: str, start: int) -> list[Element]:
    """Read a GTIN or SSCC that stands alone. :raises ScanError: when its check digit is wrong."""
    ai = PLAIN_SIZES[len(digits)]
    if not check.is_checked(digits):
        right = check.check_digit(digits[:-1])
        raise refuse(
            "wrong_check_digit",
            f"{digits} ends with {digits[-1]}; by its other digits it would end with {right}",
            position=start + 1,
            ai=ai,
            remedy="scan again; a code keyed by hand has a wrong digit",
        )
    return [Element(ai, digits.zfill(14) if ai == "01" else digits, start + 1)]
