"""GS1 Digital Link, URI syntax 1.3: the same identifiers as a web address."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlsplit

from b2b.core.gs1 import identifiers
from b2b.core.gs1.elements import Element, element
from b2b.core.gs1.errors import ScanError, refuse

# Primary keys, and what may follow them in the path, in this order; alternatives apart.
KEYS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "01": (("22", "10", "21"), ("235",)),
    "8006": (("22", "10", "21"),),
    "414": (("254",), ("7040",)),
    "415": (("8020",),),
    "417": (("7040",),),
    "8004": (("7040",),),
    "8010": (("8011",),),
    "8017": (("8019",),),
    "8018": (("8019",),),
    **dict.fromkeys(("00", "253", "255", "401", "402", "8003", "8013"), ((),)),
}
# What only the path can carry (no data attribute flag in the GS1 Barcode Syntax Dictionary).
PATH_ONLY: Final = frozenset(
    {"03", "21", "22", "235", "254", "7040", "7041", "8011", "8014", "8019", "8020", "8200"}
)
SHORT_GTIN: Final = re.compile(r"\d{8}|\d{12}|\d{13}", re.ASCII)
HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d+)?", re.ASCII)


def link(text: str, start: int) -> list[Element]:
    """Read a Digital Link; what is no identifier in the query is left aside.

    :raises ScanError: when there is no primary key, a qualifier is out of order, or a value is not of its format.
    """
    uri = text[start:]
    try:
        parts = urlsplit(uri)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme.lower() not in ("http", "https") or not HOST.fullmatch(parts.netloc):
        raise refuse("not_a_link", "this is no web address", position=start + 1, remedy="scan again")
    path_at = start + len(parts.scheme) + 3 + len(parts.netloc)
    found = _path(parts.path, path_at)
    return found + _query(parts.query, path_at + len(parts.path) + 1, [part.ai for part in found])


def _path(path: str, start: int) -> list[Element]:
    """Read the pairs from the last primary key on; what stands before it is the resolver's business."""
    segments: list[tuple[str, int]] = []
    at = start
    for segment in path.split("/"):
        segments.append((segment, at + 1))
        at += len(segment) + 1
    if segments and not segments[-1][0]:
        segments.pop()
    for first in range(len(segments) - 2, 0, -2):
        if segments[first][0] in KEYS:
            break
    else:
        raise refuse(
            "no_primary_key",
            "the path has no GS1 key",
            position=start + 1,
            remedy="use numeric identifiers, e.g. https://id.gs1.org/01/09506000134352; compressed links are not read",
        )
    pairs = [(segments[at], segments[at + 1]) for at in range(first, len(segments) - 1, 2)]
    _check_order([key for (key, _), _ in pairs], [position for (_, position), _ in pairs])
    return [_element(key, value, position) for (key, position), (value, _) in pairs]


def _check_order(keys: list[str], positions: list[int]) -> None:
    primary, *qualifiers = keys
    for order in KEYS[primary]:
        rest = iter(order)
        if all(key in rest for key in qualifiers):
            return
    allowed = (
        " or ".join(", ".join(f"({ai})" for ai in order) for order in KEYS[primary] if order) or "nothing"
    )
    raise refuse(
        "wrong_qualifier",
        f"after ({primary}) the path takes {allowed}, in this order, not {', '.join(qualifiers)}",
        position=positions[1],
        ai=qualifiers[0],
        remedy="put attributes behind the question mark, qualifiers in order into the path",
    )


def _query(query: str, start: int, path: list[str]) -> list[Element]:
    found: list[Element] = []
    orders = [order for order in KEYS[path[0]] if set(order) >= set(path[1:])]
    seen = set(path)
    at = start
    for part in re.split("[&;]", query):
        key, _, value = part.partition("=")
        if re.fullmatch(r"\d+", key, re.ASCII):
            if key in PATH_ONLY or any(key in order for order in orders):
                raise refuse(
                    "wrong_attribute",
                    f"({key}) stands in the path of a link, not behind its question mark",
                    position=at + 1,
                    ai=key,
                    remedy="put it into the path",
                )
            if key in seen:
                raise refuse(
                    "repeated_attribute",
                    f"({key}) is given twice",
                    position=at + 1,
                    ai=key,
                    remedy="give it once",
                )
            seen.add(key)
            found.append(_element(key, value.replace("+", " "), at + 1))
        at += len(part) + 1
    return found


def _element(key: str, raw: str, position: int) -> Element:
    known = identifiers.get(key)
    if known is None:
        raise refuse(
            "unknown_identifier",
            f"there is no application identifier {key}",
            position=position,
            ai=key,
            remedy="use the identifiers of the GS1 General Specifications",
        )
    try:
        value = unquote(raw, errors="strict")
    except UnicodeDecodeError:
        raise _garbled(key, position) from None
    if re.search("%(?![0-9A-Fa-f]{2})", raw):
        raise _garbled(key, position)
    if key == "01" and SHORT_GTIN.fullmatch(value):
        value = value.zfill(14)
    return element(known, value, position)


def _garbled(key: str, position: int) -> ScanError:
    return refuse(
        "wrong_format",
        f"({key}) is not percent-encoded as it should be",
        position=position,
        ai=key,
        remedy="write % and two hexadecimal digits for what a web address cannot hold",
    )
