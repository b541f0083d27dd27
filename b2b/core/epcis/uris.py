"""Identifiers as EPCIS 2.0 writes them: GS1 Digital Link URIs, or private URNs for what has no GS1 key.

Digital Link URIs need no length of a company prefix, unlike EPC URNs (Core Business Vocabulary 2.0, section 8).
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlsplit

from b2b.core.gs1.check import check_digit

ROOT: Final = "https://id.gs1.org"
PRIVATE: Final = "urn:midstream"

# The finest level kept of each key: its qualifiers in order (CBV 2.0, section 8.9, rule 18).
_QUALIFIERS: Final[dict[str, tuple[str, ...]]] = {
    "00": (),
    "01": ("21", "10", "235"),
    "253": (),
    "255": (),
    "401": (),
    "402": (),
    "414": ("254",),
    "417": (),
    "8003": (),
    "8004": (),
    "8006": ("21", "10"),
    "8010": ("8011",),
    "8017": (),
    "8018": (),
}
_SHORT: Final = {
    "gtin": "01",
    "lot": "10",
    "ser": "21",
    "sscc": "00",
    "gln": "414",
    "glnx": "254",
    "party": "417",
}
_LENGTHS: Final = {"00": (18,), "01": (8, 12, 13, 14), "414": (13,), "417": (13,)}
_DONE: Final = re.compile(
    r"https://id\.gs1\.org/(?:00/\d{18}|01/\d{14}(?:/(?:10|21)/[^/?#\s]+)?|414/\d{13}(?:/254/[^/?#\s]+)?|417/\d{13})"
)
_URN: Final = re.compile(r"^urn:epc:(?:id|class|idpat):(sgtin|lgtin|sscc|sgln|pgln):(.+)$")


def trade_item(gtin: str) -> str:
    """Name a class of goods by GTIN."""
    return f"{ROOT}/01/{gtin:0>14}"


def lot(gtin: str, number: str) -> str:
    """Name the goods of one lot (LGTIN)."""
    return f"{trade_item(gtin)}/10/{quote(number, safe='')}"


def item(gtin: str, serial: str) -> str:
    """Name one piece of goods (SGTIN)."""
    return f"{trade_item(gtin)}/21/{quote(serial, safe='')}"


def unit(sscc: str) -> str:
    """Name a logistic unit."""
    return f"{ROOT}/00/{sscc}"


def goods(gtin: str, sku: str, lot_number: str = "") -> str:
    """Name goods as finely as is known; those without a GTIN by their SKU."""
    if gtin:
        return lot(gtin, lot_number) if lot_number else trade_item(gtin)
    return private("class", sku, lot_number) if lot_number else private("class", sku)


def place(gln: str, house: str, extension: str = "") -> str:
    """Name a place in a house: GLN with extension, or the codes where the house has no GLN."""
    if gln:
        return f"{ROOT}/414/{gln}/254/{quote(extension, safe='')}" if extension else f"{ROOT}/414/{gln}"
    return private("loc", house, extension) if extension else private("loc", house)


def party(gln: str, code: str) -> str:
    """Name a party by its GLN, or by its code."""
    return f"{ROOT}/417/{gln}" if gln else private("party", code)


def private(kind: str, *parts: str) -> str:
    """Name something that has no GS1 key."""
    return ":".join([PRIVATE, kind, *(quote(part, safe="") for part in parts)])


def canonical(uri: str) -> str:
    """Return the constrained canonical Digital Link URI of a GS1 identifier; anything else as it is.

    Promise: it is idempotent, and an EPC URN and a Digital Link URI of one thing give the same answer.
    """
    if _DONE.fullmatch(uri):
        return uri
    text = uri.strip()
    if match := _URN.match(text):
        return _from_urn(match[1], match[2]) or text
    if text.startswith(("http://", "https://")):
        return _from_link(text) or text
    return text


def _from_urn(scheme: str, body: str) -> str | None:
    parts = body.split(".", 2)
    if not body.isascii() or len(parts) < 2 or not parts[0].isdigit():
        return None
    company, reference = parts[0], parts[1]
    rest = parts[2] if len(parts) == 3 else ""
    if scheme == "pgln" or scheme == "sgln":
        digits = company + reference
        if len(digits) != 12 or not digits.isdigit():
            return None
        gln = f"{digits}{check_digit(digits)}"
        if scheme == "pgln":
            return f"{ROOT}/417/{gln}"
        return f"{ROOT}/414/{gln}" if rest in ("", "0", "*") else f"{ROOT}/414/{gln}/254/{rest}"
    if reference == "*" or not reference.isdigit():
        return None
    digits = reference[0] + company + reference[1:]
    if scheme == "sscc":
        return f"{ROOT}/00/{digits}{check_digit(digits)}" if len(digits) == 17 else None
    if len(digits) != 13:
        return None
    gtin = f"{digits}{check_digit(digits)}"
    if rest in ("", "*"):
        return f"{ROOT}/01/{gtin}"
    return f"{ROOT}/01/{gtin}/{'10' if scheme == 'lgtin' else '21'}/{rest}"


def _from_link(text: str) -> str | None:
    segments = [part for part in urlsplit(text).path.split("/") if part]
    for index in range(len(segments) - 1):
        key, value = _SHORT.get(segments[index], segments[index]), segments[index + 1]
        if key not in _QUALIFIERS or not _fits(key, value):
            continue
        found = f"{ROOT}/{key}/{value:0>14}" if key == "01" else f"{ROOT}/{key}/{value}"
        pairs = dict(zip(segments[index + 2 :: 2], segments[index + 3 :: 2], strict=False))
        named = {_SHORT.get(name, name): text for name, text in pairs.items()}
        for qualifier in _QUALIFIERS[key]:
            if qualifier in named:
                return f"{found}/{qualifier}/{named[qualifier]}"
        return found
    return None


def _fits(key: str, value: str) -> bool:
    lengths = _LENGTHS.get(key)
    return lengths is None or (value.isascii() and value.isdigit() and len(value) in lengths)
