"""Look into a zip file before anything unpacks it: its directory may lie about sizes."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from orders.services.upload.limits import refuse

MAX_ENTRIES: Final = 500
MAX_UNPACKED_BYTES: Final = 256 * 1024 * 1024
MAX_RATIO: Final = 200
SMALL_BYTES: Final = 1024 * 1024  # below this no ratio is dangerous
CHUNK: Final = 256 * 1024
LOCAL_HEADER: Final = struct.Struct("<4s5H3I2H")


def open_checked(content: bytes) -> zipfile.ZipFile:
    """Open a zip file whose directory keeps to the limits on entries, size and ratio.

    :raises UnreadableUpload: when it does not, is damaged, or is encrypted.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, struct.error):
        refuse("damaged", "the file is damaged or no .xlsx workbook", "Save it again as .xlsx.")
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES or len({entry.filename for entry in entries}) != len(entries):
        refuse("odd_archive", "the workbook has too many or repeated parts", "Save it again as .xlsx.")
    for entry in entries:
        if entry.flag_bits & 0x1:
            refuse("encrypted", "the workbook is encrypted", "Remove the password and save it again.")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            refuse("odd_archive", "the workbook is packed in an unusual way", "Save it again as .xlsx.")
    return archive


def unpack_within_limits(content: bytes, archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Yield (entry name, chunk) of what each entry really unpacks to, whatever the directory says.

    :raises UnreadableUpload: as soon as the whole is too large or an entry unpacks out of proportion.
    """
    total = 0
    for entry in archive.infolist():
        size = 0
        for chunk in _chunks(content, entry):
            size += len(chunk)
            total += len(chunk)
            if total > MAX_UNPACKED_BYTES or (
                size > SMALL_BYTES and size > MAX_RATIO * max(1, entry.compress_size)
            ):
                refuse(
                    "zip_bomb",
                    "the workbook unpacks to far more than its size",
                    "Copy the rows to a new one.",
                )
            yield entry.filename, chunk
        if size != entry.file_size:
            refuse(
                "odd_archive",
                "the workbook's directory does not tell the truth about its sizes",
                "Save it again as .xlsx.",
            )


def _chunks(content: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    header = content[entry.header_offset : entry.header_offset + LOCAL_HEADER.size]
    if len(header) < LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
        refuse("damaged", "the file is damaged or no .xlsx workbook", "Save it again as .xlsx.")
    *_, name_length, extra_length = LOCAL_HEADER.unpack(header)
    start = entry.header_offset + LOCAL_HEADER.size + name_length + extra_length
    packed = content[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        for offset in range(0, len(packed), CHUNK):
            yield packed[offset : offset + CHUNK]
        return
    inflater = zlib.decompressobj(-15)
    try:
        while packed and not inflater.eof:
            yield inflater.decompress(packed, CHUNK)
            packed = inflater.unconsumed_tail
    except zlib.error:
        refuse("damaged", "the file is damaged or no .xlsx workbook", "Save it again as .xlsx.")
