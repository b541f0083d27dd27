"""Rows as JSON objects: an array, or one object a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from orders.policies.order_row import RawRow
from orders.services.upload.limits import MAX_ROWS, UnreadableUpload, check_size


def read(content: bytes) -> list[RawRow]:
    """Return the rows of a JSON array of objects, or of an object whose `lines` is one.

    :raises UnreadableUpload: when it is not.
    """
    check_size(content)
    try:
        body = msgspec.json.decode(content)
    except msgspec.DecodeError as error:
        raise UnreadableUpload(f"this is not JSON: {error}") from error
    lines = body.get("lines") if isinstance(body, dict) else body
    if not isinstance(lines, list):
        raise UnreadableUpload("send an array of rows, or an object with an array `lines`")
    return from_objects(lines)


def read_lines(content: bytes) -> list[RawRow]:
    """Return the rows of newline-delimited JSON objects.

    :raises UnreadableUpload: when it is not.
    """
    check_size(content)
    try:
        return from_objects(msgspec.json.Decoder().decode_lines(content))
    except msgspec.DecodeError as error:
        raise UnreadableUpload(f"this is not newline-delimited JSON: {error}") from error


def from_objects(objects: Iterable[Mapping[str, Any]]) -> list[RawRow]:
    """Turn objects with the members sku, gtin, quantity, unit, ship_to, need_by_date into rows, numbered from 1.

    :raises UnreadableUpload: when a row is no object, a value is no text or number, or there are too many rows.
    """
    rows: list[RawRow] = []
    for number, members in enumerate(objects, start=1):
        if number > MAX_ROWS:
            raise UnreadableUpload(f"there are more than {MAX_ROWS} rows; split the upload", limit=MAX_ROWS)
        if not isinstance(members, Mapping):
            raise UnreadableUpload(f"row {number} is no object", row=number)
        values = {name: _text(value, number) for name, value in members.items() if value is not None}
        rows.append(RawRow(number, values))
    if not rows:
        raise UnreadableUpload("there is no row to order")
    return rows


def _text(value: Any, number: int) -> str:
    if isinstance(value, (dict, list)):
        raise UnreadableUpload(f"row {number} holds a nested value", row=number)
    return str(value)
