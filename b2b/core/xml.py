"""Read XML that a stranger sent: no document type, no entities, no network, bounded in size and depth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any, BinaryIO, Final

from lxml import etree

from b2b.core.errors import Invalid, Problem

MAX_BYTES: Final = 64 * 2**20
MAX_DEPTH: Final = 64
DOCTYPES: Final = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
LONGEST_MARK: Final = max(map(len, DOCTYPES))


class MalformedXml(Invalid):
    """The file is not well-formed XML."""

    code = "malformed_xml"


class UnsafeXml(Invalid):
    """The file uses parts of XML that are refused here."""

    code = "unsafe_xml"


class _Guarded:
    """A file read in pieces, each looked at before the parser sees it."""

    def __init__(self, source: BinaryIO, max_bytes: int) -> None:
        self._source, self._max_bytes = source, max_bytes
        self._bytes, self._tail = 0, b""

    def read(self, size: int = -1) -> bytes:
        """Return the next piece.

        :raises UnsafeXml: when there is too much of it, or a document type begins in it.
        """
        piece = self._source.read(size)
        self._bytes += len(piece)
        if self._bytes > self._max_bytes:
            raise UnsafeXml(f"the file has more than the {self._max_bytes} bytes that are allowed")
        seen = self._tail + piece
        if any(mark in seen for mark in DOCTYPES):
            raise UnsafeXml("a DOCTYPE is not allowed")
        self._tail = seen[-LONGEST_MARK:]
        return piece


def iterate_untrusted_xml(
    source: bytes | BinaryIO,
    *,
    tags: Sequence[str] | None = None,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
) -> Iterator[tuple[str, Any]]:
    """Yield (event, element) for the start and end of every element; the caller clears what it has read.

    With `tags` (`{*}Ntry` for any namespace) only of these elements, which is several times as fast; the depth is then
    bounded by the parser's own limit of 256.

    :raises UnsafeXml: for a document type, or a file too large or too deep. :raises MalformedXml: with the line.
    """
    file = BytesIO(source) if isinstance(source, bytes) else source
    depth, first = 0, True
    try:
        for event, element in etree.iterparse(
            _Guarded(file, max_bytes),
            events=("start", "end"),
            tag=tags,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        ):
            # The byte search misses exotic encodings; the parser's own view does not.
            if first and element.getroottree().docinfo.internalDTD is not None:
                raise UnsafeXml("a DOCTYPE is not allowed")
            first = False
            depth += 1 if event == "start" else -1
            if depth > max_depth:
                raise UnsafeXml(f"elements are nested more than {max_depth} deep")
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
