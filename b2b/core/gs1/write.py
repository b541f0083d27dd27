"""Write what bar codes carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from b2b.core.gs1 import identifiers, links, pairing
from b2b.core.gs1.elements import element
from b2b.core.gs1.errors import ScanError, refuse
from b2b.core.gs1.identifiers import Identifier
from b2b.core.gs1.syntax import GS

RESOLVER: Final = "https://id.gs1.org"


def _checked(ais: Mapping[str, str], *, paired: bool) -> list[tuple[Identifier, str]]:
    """Look every identifier up, check every value, and put those first that need no separator behind them."""
    out: list[tuple[Identifier, str]] = []
    for ai, value in ais.items():
        known = identifiers.get(ai)
        if known is None:
            raise refuse(
                "unknown_identifier",
                f"there is no application identifier {ai}",
                remedy="use the identifiers of the GS1 General Specifications",
            )
        element(known, value, None)
        out.append((known, value))
    problems = pairing.faults(dict.fromkeys(ais)) if paired else []
    if problems:
        raise ScanError("; ".join(problem.message for problem in problems), problems=problems)
    return sorted(out, key=lambda pair: pair[0].size is None)


def element_string(ais: Mapping[str, str], *, separator: str = GS, paired: bool = True) -> str:
    """Concatenate elements, FNC1 only where it has to be; the leading FNC1 is the symbol's.

    `paired` false is for one of several bar codes on a label.

    :raises ScanError: when a value or, with `paired`, the combination is wrong.
    """
    elements = _checked(ais, paired=paired)
    last = len(elements) - 1
    return "".join(
        f"{known.ai}{value}{separator if known.size is None and place < last else ''}"
        for place, (known, value) in enumerate(elements)
    )


def bracketed(ais: Mapping[str, str], *, paired: bool = True) -> str:
    """Write the human readable line. :raises ScanError: as `element_string`."""
    return "".join(
        "({}){}".format(known.ai, value.replace("(", "\\(")) for known, value in _checked(ais, paired=paired)
    )


def digital_link(ais: Mapping[str, str], *, resolver: str = RESOLVER) -> str:
    """Write a GS1 Digital Link: the key and its qualifiers in the path, attributes in the query by their numbers.

    :raises ScanError: when there is not exactly one key, or as `element_string`.
    """
    values = {known.ai: value for known, value in _checked(ais, paired=True)}
    keys = [ai for ai in values if ai in links.KEYS]
    if len(keys) != 1:
        raise refuse(
            "no_primary_key",
            f"a link has one key; {len(keys)} are given",
            remedy="give a GTIN or an SSCC, and one of them only",
        )
    order = next(
        (names for names in links.KEYS[keys[0]] if not values.keys() & links.PATH_ONLY - set(names)),
        (),
    )
    path = "".join(f"/{ai}/{quote(values[ai], safe='')}" for ai in (keys[0], *order) if ai in values)
    stray = sorted(values.keys() & links.PATH_ONLY - set(order))
    if stray:
        raise refuse(
            "wrong_qualifier",
            f"({stray[0]}) has no place in a link of ({keys[0]})",
            ai=stray[0],
            remedy="leave it out, or write an element string",
        )
    rest = sorted(values.keys() - {keys[0], *order})
    query = "&".join(f"{ai}={quote(values[ai], safe='')}" for ai in rest)
    return f"{resolver.rstrip('/')}{path}{'?' if query else ''}{query}"
