"""The same sheet for label printers: ZPL II, symbols drawn by the printer itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from b2b.core.gs1.syntax import GS
from b2b.core.paper import fonts
from b2b.core.paper.sheet import Bars, Item, Rule, Text

# Neither can be part of a GS1 value, so that they are free to escape with.
MATRIX_ESCAPE: Final = "|"
# Code 128 in ZPL: start with subset C or B, change to the other, function character 1, and the one character to escape.
START_C, START_B, TO_C, TO_B, FNC1, GREATER = ">;", ">:", ">5", ">6", ">8", ">0"


def zpl(pages: Iterable[Sequence[Item]], *, width: float, height: float, dots_per_mm: int = 8) -> str:
    """Write one label format per page; `dots_per_mm` 8 is 203 dpi, 12 is 300 dpi, 24 is 600 dpi."""
    out: list[str] = []
    for items in pages:
        size = (round(width * dots_per_mm), round(height * dots_per_mm))
        out += [f"^XA^CI28^PW{size[0]}^LL{size[1]}^LH0,0"]
        out += [_item(item, dots_per_mm) for item in items]
        out += ["^XZ"]
    return "\n".join(out) + "\n"


def _item(item: Item, dots: int) -> str:
    if isinstance(item, Text):
        return _text(item, dots)
    at = f"^FO{round(item.x * dots)},{round(item.y * dots)}"
    if isinstance(item, Rule):
        wide, tall = (
            round(abs(far - near) * dots) for near, far in ((item.x, item.to_x), (item.y, item.to_y))
        )
        return f"{at}^GB{max(wide, 2)},{max(tall, 2)},2^FS"
    module = max(1, round(item.module * dots))
    if isinstance(item, Bars):
        return f"{at}^BY{module}^BCN,{round(item.height * dots)},N,N,N,N^FD{code_128(item.data)}^FS"
    if item.kind == "qr":
        return f"{at}^BQN,2,{module}^FDMA,{_plain(item.data)}^FS"
    data = f"{MATRIX_ESCAPE}1" + item.data.replace(GS, f"{MATRIX_ESCAPE}1")
    return f"{at}^BXN,{module},200,0,0,,{MATRIX_ESCAPE}^FD{_plain(data)}^FS"


def code_128(element_string: str) -> str:
    """Write an element string as Code 128 field data with its FNC1, digits by pairs where that is shorter."""
    text = element_string
    in_c = (_digits(text) >= 4 and _digits(text) % 2 == 0) or _digits(text) >= 5
    out = [START_C if in_c else START_B, FNC1]
    at = 0
    while at < len(text):
        run = _digits(text[at:])
        if text[at] == GS:
            out.append(FNC1)
            at += 1
        elif in_c and run >= 2:
            out.append(text[at : at + run // 2 * 2])
            at += run // 2 * 2
        elif in_c:
            out.append(TO_B)
            in_c = False
        elif run >= 6 or (run >= 4 and at + run == len(text)):
            if run % 2:
                out.append(text[at])
                at += 1
            out.append(TO_C)
            in_c = True
        else:
            out.append(GREATER if text[at] == ">" else text[at])
            at += 1
    return "".join(out)


def _digits(text: str) -> int:
    """Count the digits a text begins with."""
    return len(text) - len(text.lstrip("0123456789"))


def _plain(text: str) -> str:
    """Refuse what would end a field; no GS1 value or web address has it."""
    if "^" in text or "~" in text:
        raise ValueError(f"{text!r} cannot be field data")
    return text


def _text(item: Text, dots: int) -> str:
    points = item.size * dots
    text = fonts.fitted(item.text, points, item.room * dots, bold=item.bold)
    left = item.x * dots
    if item.align == "right":
        left -= fonts.width(text, points, bold=item.bold)
    if not fonts.is_latin(text) and (picture := _picture(text, round(points))):
        return f"^FO{round(left)},{round(item.y * dots - points)}{picture}^FS"
    # ^ and ~ begin commands: given by their numbers they do not.
    safe = text.replace("_", "_5F").replace("^", "_5E").replace("~", "_7E")
    height = round(points * 1.2)
    return f"^FO{round(left)},{round(item.y * dots - points)}^A0N,{height},{height}^FH_^FD{safe}^FS"


def _picture(text: str, size: int) -> str:
    """Draw a text as a bitmap, because few printers have a Chinese font; nothing when this machine has none either."""
    file = fonts.wide_file()
    if file is None:
        return ""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.truetype(str(file), size)
    left, top, right, bottom = font.getbbox(text)
    wide, tall = max(1, int(right - left)), max(1, int(bottom - top))
    image = Image.new("1", ((wide + 7) // 8 * 8, tall), 1)
    ImageDraw.Draw(image).text((-left, -top), text, font=font, fill=0)
    data = bytes(byte ^ 0xFF for byte in image.tobytes())
    return f"^GFA,{len(data)},{len(data)},{image.width // 8},{data.hex().upper()}"
