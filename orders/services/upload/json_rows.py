"""Rows as JSON objects: an array, or one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from orders.policies.raw_row import FIELDS, RawRow
from orders.services.upload import limits
from orders.services.upload.limits import check_size, refuse


def read(content: bytes) -> list[RawRow]:
    """Return the rows of a JSON array of objects, or of an object whose `lines` is one.

    :raises UnreadableUpload: when it is not.
    """
    check_size(content)
    try:
        body = msgspec.json.decode(content)
    except msgspec.DecodeError as error:
        refuse("not_json", f"this is not JSON: {error}")
    lines = body.get("lines") if isinstance(body, dict) else body
    if not isinstance(lines, list):
        refuse("no_rows", "send an array of rows, or an object with an array `lines`")
    return from_objects(lines)


def read_lines(content: bytes) -> list[RawRow]:
    """Return the rows of newline-delimited JSON objects.

    :raises UnreadableUpload: when it is not.
    """
    check_size(content)
    try:
        return from_objects(msgspec.json.Decoder().decode_lines(content))
    except msgspec.DecodeError as error:
        refuse("not_json", f"this is not newline-delimited JSON: {error}")


def from_objects(objects: Iterable[Mapping[str, Any]]) -> list[RawRow]:
    """Turn objects with the members in FIELDS into rows, numbered from 1; `options` may be an object of its own.

    :raises UnreadableUpload: for a row that is no object, an unknown member, a value that is no text or number, or
        too many rows.
    """
    rows: list[RawRow] = []
    known = frozenset(FIELDS)
    for number, members in enumerate(objects, start=1):
        if number > limits.MAX_ROWS:
            limits.too_many_rows()
        if not isinstance(members, Mapping):
            refuse("no_object", f"row {number} is no object", row=number)
        values = {name: _text(name, value, number) for name, value in members.items() if value is not None}
        if not known.issuperset(values):
            unknown = min(values.keys() - known)[:40]
            refuse("unknown_column", f"row {number} has a member {unknown} that nobody knows",
                   f"Use {', '.join(FIELDS)}.", row=number, field=unknown)  # fmt: skip
        rows.append(RawRow(number, values))
    if not rows:
        refuse("no_rows", "there is no row to order", "Add a row with a product and a quantity.")
    return rows


def _text(name: str, value: Any, number: int) -> str:
    if isinstance(value, str):
        text = value
    elif name == "options" and isinstance(value, dict):
        text = json.dumps(value, ensure_ascii=False) if value else ""
    elif isinstance(value, (dict, list)):
        refuse("nested_value", f"row {number} holds a nested value", row=number, field=name[:40])
    else:
        text = str(value)
    most = limits.MAX_OPTIONS_CHARACTERS if name == "options" else limits.MAX_CELL_CHARACTERS
    if len(text) > most:
        refuse("cell_too_long", f"row {number} has a value of more than {most} characters",
               row=number, field=name[:40])  # fmt: skip
    return text
