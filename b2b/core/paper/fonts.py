"""Fonts: Helvetica for Latin text, an embedded font of the machine's for everything else."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Final

LATIN: Final = "Helvetica"
BOLD: Final = "Helvetica-Bold"
WIDE: Final = "MidstreamWide"
# A TrueType font with Chinese; MIDSTREAM_FONT names another one.
CANDIDATES: Final = (
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/Library/Fonts/Arial Unicode.ttf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "C:/Windows/Fonts/simhei.ttf",
    "C:/Windows/Fonts/msyh.ttc",
)


@cache
def wide_file() -> Path | None:
    """Return the file of a font that has more than Latin letters, if the machine has one."""
    named = os.environ.get("MIDSTREAM_FONT", "")
    return next(
        (path for path in map(Path, (named, *CANDIDATES)) if str(path) != "." and path.is_file()), None
    )


def is_latin(text: str) -> bool:
    """Tell whether the fonts every PDF reader has are enough."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def name_for(text: str, *, bold: bool = False) -> str:
    """Return the font to set a text in. Without a font of its own the reader's Chinese font is asked for."""
    if is_latin(text):
        return BOLD if bold else LATIN
    return _wide()


@cache
def _wide() -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    file = wide_file()
    if file is not None:
        try:
            pdfmetrics.registerFont(TTFont(WIDE, str(file), subfontIndex=0))
        except TTFError:
            pass  # outlines that cannot be embedded
        else:
            return WIDE
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    return "STSong-Light"


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a text is, in the unit of its size."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return float(stringWidth(text, name_for(text, bold=bold), size))


def fitted(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """Cut a text that is too wide, with an ellipsis where something is missing."""
    if width(text, size, bold=bold) <= room:
        return text
    kept = text
    while kept and width(f"{kept}…", size, bold=bold) > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"
