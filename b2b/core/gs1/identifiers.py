"""The application identifiers: their formats (from biip) and which of their digits check themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

LONGEST: Final = 4
# The first two digits of identifiers whose length is fixed by definition, and that need no separator after them; the
# number of characters with the identifier (GS1 General Specifications, figure 7.8.5-2).
PREDEFINED: Final = {
    "00": 20, "01": 16, "02": 16, "03": 16, "04": 18, "11": 8, "12": 8, "13": 8, "14": 8, "15": 8, "16": 8, "17": 8,
    "18": 8, "19": 8, "20": 4, "31": 10, "32": 10, "33": 10, "34": 10, "35": 10, "36": 10, "41": 16,
}  # fmt: skip
# The part of a value that ends with a check digit.
CHECKED: Final = {
    **dict.fromkeys(("00", "8017", "8018"), (0, 18)),
    **dict.fromkeys(("01", "02", "03", "8006", "8026"), (0, 14)),
    **dict.fromkeys(("253", "255", "410", "411", "412", "413", "414", "415", "416", "417"), (0, 13)),
    "402": (0, 17),
    "8003": (1, 14),
}
PAIR_CHECKED: Final = frozenset({"8013", "8014"})
PIECE_OF_TOTAL: Final = frozenset({"8006", "8026"})
# Keys that begin with a company prefix, though letters may follow it.
PREFIXED: Final = frozenset({"401", "7023", "8004", "8010", "8013", "8014"})
# Dates YYMMDD; those of the second group may leave the day open (00: the last of the month).
DATES: Final = frozenset({"4326", "7003", "7006", "7007", "7011", "8008"})
OPEN_DATES: Final = frozenset({"11", "12", "13", "15", "16", "17", "4324", "4325"})


@dataclass(frozen=True, slots=True)
class Identifier:
    """An application identifier; `size` is set when no separator has to follow."""

    ai: str
    title: str
    description: str
    format: str
    pattern: re.Pattern[str]
    size: int | None

    def __str__(self) -> str:
        return f"({self.ai}) {self.title}"


@lru_cache(maxsize=4096)
def at(head: str) -> Identifier | None:
    """Return the identifier a text of up to four characters begins with; no identifier begins with another.

    biip is loaded when first needed, because that costs a third of a second.
    """
    from biip import ParseError
    from biip.gs1_application_identifiers import GS1ApplicationIdentifier

    try:
        entry = GS1ApplicationIdentifier.extract(head)
    except ParseError:
        return None
    return Identifier(
        entry.ai,
        entry.data_title,
        entry.description,
        entry.format.partition("+")[2],
        re.compile(entry.pattern.removeprefix(f"^{entry.ai}").removesuffix("$"), re.ASCII),
        None if entry.separator_required else PREDEFINED[entry.ai[:2]],
    )


def get(ai: str) -> Identifier | None:
    """Return the identifier of this number."""
    known = at(ai) if len(ai) <= LONGEST else None
    return known if known is not None and known.ai == ai else None
