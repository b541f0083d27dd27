"""Positions as they come: JSON, one JSON object a line, or CSV with a head; a row that cannot be read stays a row."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from io import StringIO
from typing import Any, Final

from b2b.core.errors import Invalid
from logistics.policies.positions import MALFORMED, Fix, Refused

MOST_ROWS: Final = 5_000
LONGEST: Final = 1_000  # characters of a row that are kept in quarantine
CODE: Final = 64
NAMES: Final = ("vehicle", "fix_at", "latitude", "longitude", "speed_kmh", "heading_degrees")


def read(content: bytes, media_type: str) -> list[Fix | Refused]:
    """Return the rows of a body.

    :raises Invalid: when the body as a whole is not what its media type says, is empty, or has too many rows.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"the body is not UTF-8 at byte {error.start}") from error
    kind = media_type.partition(";")[0].strip().lower()
    rows = list(READERS.get(kind, _json)(text))
    if not rows:
        raise Invalid("there is no position in it; send at least one")
    if len(rows) > MOST_ROWS:
        raise Invalid(f"{len(rows)} positions; send {MOST_ROWS} at most at a time")
    return [_fix(index, row) for index, row in enumerate(rows)]


def _json(text: str) -> Iterable[Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"the body is not JSON: {error}") from error
    rows = told.get("positions") if isinstance(told, dict) else told
    if not isinstance(rows, list):
        raise Invalid('send an array of positions, or {"positions": [...]}')
    return rows


def _lines(text: str) -> Iterable[Any]:
    for line in text.splitlines():
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                yield line


def _table(text: str) -> Iterable[Any]:
    rows = csv.DictReader(StringIO(text.replace("\0", "")), skipinitialspace=True)
    missing = set(NAMES[:4]) - set(rows.fieldnames or ())
    if missing:
        raise Invalid(f"the head of the table lacks {', '.join(sorted(missing))}")
    try:
        yield from rows
    except csv.Error as error:
        raise Invalid(f"the table cannot be read in line {rows.line_num}: {error}") from error


READERS: Final[dict[str, Callable[[str], Iterable[Any]]]] = {
    "application/json": _json,
    "application/x-ndjson": _lines,
    "text/csv": _table,
}


def _fix(index: int, row: Any) -> Fix | Refused:
    content = row if isinstance(row, str) else json.dumps(row, default=str, ensure_ascii=False)
    content = content.replace("\0", "").replace("\\u0000", "")[:LONGEST]
    vehicle = row.get("vehicle") if isinstance(row, dict) else None
    code = vehicle.replace("\0", "")[:CODE] if isinstance(vehicle, str) else ""
    try:
        fix_at = datetime.fromisoformat(row["fix_at"])
        if not code or vehicle != code or fix_at.utcoffset() is None:
            return Refused(index, code, MALFORMED, content)
        numbers = [_number(row.get(name)) for name in NAMES[2:]]
    except (KeyError, TypeError, ValueError, AttributeError):
        return Refused(index, code, MALFORMED, content)
    latitude, longitude, speed, heading = numbers
    if latitude is None or longitude is None:
        return Refused(index, code, MALFORMED, content)
    return Fix(code, fix_at, latitude, longitude, speed, heading, content)


def _number(value: Any) -> float | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def read_again(row: int, content: str) -> Fix | Refused:
    """Return a position as it was kept in quarantine; one that was cut off or never was one stays refused."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return Refused(row, "", MALFORMED, content)
    return _fix(row, told)
