"""Read XML that a stranger sent: no document type, no entities, no network, bounded in size and depth."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

from lxml import etree

from b2b.core.errors import Invalid, Problem

MAX_BYTES: Final = 64 * 2**20
MAX_DEPTH: Final = 64
DOCTYPES: Final = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


class MalformedXml(Invalid):
    """The file is not well-formed XML."""

    code = "malformed_xml"


class UnsafeXml(Invalid):
    """The file uses parts of XML that are refused here."""

    code = "unsafe_xml"


def iterate_untrusted_xml(
    source: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH
) -> Iterator[tuple[str, Any]]:
    """Yield (event, element) for the start and end of every element; the caller clears what it has read.

    :raises UnsafeXml: for a document type, or a file too large or too deep. :raises MalformedXml: with the line.
    """
    if len(source) > max_bytes:
        raise UnsafeXml(f"the file has {len(source)} bytes; {max_bytes} are allowed")
    if any(mark in source for mark in DOCTYPES):
        raise UnsafeXml("a DOCTYPE is not allowed")
    depth = 0
    try:
        for event, element in etree.iterparse(
            BytesIO(source),
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        ):
            if event == "start":
                depth += 1
                # The byte search above misses exotic encodings; the parser's own view does not.
                if depth == 1 and element.getroottree().docinfo.internalDTD is not None:
                    raise UnsafeXml("a DOCTYPE is not allowed")
                if depth > max_depth:
                    raise UnsafeXml(f"elements are nested more than {max_depth} deep")
            else:
                depth -= 1
            yield event, element
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise MalformedXml(
            f"line {line}: {error.msg}", problems=[Problem("malformed_xml", error.msg or "", row=line)]
        ) from None


def parse_untrusted_xml(source: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """Return the root element of a whole document; see `iterate_untrusted_xml` for what is refused."""
    root = None
    for _, element in iterate_untrusted_xml(source, max_bytes=max_bytes, max_depth=max_depth):
        root = element if root is None else root
    return root
