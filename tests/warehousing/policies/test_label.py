"""What is printed is read again: rendered, decoded by another library, parsed, the same identifiers."""

import re
from datetime import date

import pypdfium2
import pytest
import zxingcpp
from hypothesis import example, given, settings
from hypothesis import strategies as st

from b2b.core import gs1
from b2b.core.paper import sheet, symbols, zpl
from b2b.core.paper.sheet import Bars, Matrix, Text
from tests.support.examples import examples
from warehousing.policies import label, packing_list
from warehousing.policies.label import Content, Label, Party

TODAY = date(2026, 11, 22)
# A printer's dot is 0.125 mm; drawn in whole pixels, edges are as sharp as on paper and no line of bars is misread.
TWO_PIXELS_A_DOT = 2 / (0.125 * 72 / 25.4)
GTINS = st.text("0123456789", min_size=12, max_size=13).map(gs1.with_check_digit)
SSCCS = st.text("0123456789", min_size=17, max_size=17).map(gs1.with_check_digit)
LOTS = st.text(gs1.CSET82, min_size=1, max_size=20) | st.text("0123456789", min_size=1, max_size=20)
DAYS = st.dates(date(2020, 1, 1), date(2049, 12, 31))
CONTENTS = st.builds(
    Content,
    gtin=GTINS,
    quantity=st.integers(1, 10**6),
    lot=LOTS,
    expiry=DAYS | st.none(),
    best_before=DAYS | st.none(),
    sku=st.just("BOLT-8"),
    name=st.just("六角螺栓 M8"),
    order=st.just("SO-D1-000001"),
)
SENDER = Party("上海一号仓", "上海市浦东新区张江路 1 号", "9506000134352")
RECEIVER = Party("Grünes Geschäft 绿店", "No. 12 Some Long Street, Some District, Some City 200001")


def made(
    content: Content | None = None, *more: Content, sscc: str = "106141412345678908", grams: int = 12_500
) -> Label:
    contents = (content or Content("09506000134352", 48, "A(B)7"), *more)
    return Label(sscc, SENDER, RECEIVER, contents, grams, date(2026, 12, 1), ("Route 7", "Keep dry"))


def printed(one: Label) -> list[zxingcpp.Barcode]:
    data = sheet.pdf([label.lay_out(one)], width=label.WIDTH_MM, height=label.HEIGHT_MM)
    image = pypdfium2.PdfDocument(data)[0].render(scale=TWO_PIXELS_A_DOT, grayscale=True).to_pil()
    return list(zxingcpp.read_barcodes(image))


def said(code: zxingcpp.Barcode) -> gs1.Scan:
    """What the scanner would send: the symbology identifier and the data, FNC1 as GS."""
    return gs1.read(code.symbology_identifier + code.bytes.decode(), today=TODAY)


@settings(max_examples=examples(12), deadline=None)
@given(CONTENTS, SSCCS, st.integers(1, 2_000_000))
@example(Content("09506000134352", 48, "A(B)%/<>?_&'*"), "106141412345678908", 12_500)
@example(
    Content("09506000134352", 99_999, "12345678901234567890", date(2030, 1, 31)), "006141411234567890", 999
)
@example(Content("0270100100218", 181, "0", date(2020, 1, 1), date(2020, 2, 28)), "000000000000000000", 1)
def test_every_symbol_on_the_label_says_what_was_printed(content: Content, sscc: str, grams: int) -> None:
    one = made(content, sscc=sscc, grams=grams)
    ais = label.elements(one)
    codes = printed(one)
    kinds = [str(code.format) for code in codes]
    assert sorted(set(kinds)) == ["Code 128", "Data Matrix", "QR Code"]
    for code in codes:
        if str(code.format) != "Code 128":
            assert said(code).ais == ais
            assert gs1.combine([said(code)], today=TODAY).sscc == sscc
    together = gs1.combine([said(code) for code in codes if str(code.format) == "Code 128"], today=TODAY)
    assert together.ais == {ai: value for ai, value in ais.items() if not ai.startswith("330")}


@given(st.lists(CONTENTS, min_size=1, max_size=4), SSCCS, st.integers(0, 10**12))
def test_what_a_label_claims_passes_the_pairing_rules(contents: list[Content], sscc: str, grams: int) -> None:
    ais = label.elements(made(*contents, sscc=sscc, grams=grams))
    assert gs1.parse(gs1.element_string(ais), today=TODAY).sscc == sscc
    if len({content.gtin for content in contents}) > 1:
        assert "02" not in ais
    if len({content.lot for content in contents}) > 1:
        assert not {"10", "17", "15"} & ais.keys()


def test_a_lot_that_gs1_cannot_write_is_left_to_people() -> None:
    assert "10" not in label.elements(made(Content("09506000134352", 1, "批号7")))
    assert "02" not in label.elements(made(Content("", 1, "A")))


@pytest.mark.parametrize(
    ("grams", "ai", "value"),
    [
        (1, "3303", "000001"),
        (999_999, "3303", "999999"),
        (1_000_001, "3302", "100001"),
        (10**9, "3300", None),
    ],
)
def test_a_gross_weight_is_rounded_up_to_six_digits(grams: int, ai: str, value: str | None) -> None:
    assert label.elements(made(grams=grams)).get(ai) == value


def test_chinese_is_drawn_and_not_left_out() -> None:
    data = sheet.pdf([label.lay_out(made())], width=label.WIDTH_MM, height=label.HEIGHT_MM)
    text = pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range()
    assert "上海一号仓" in text
    assert "Grünes Geschäft 绿店" in text


def test_the_same_label_gives_the_same_bytes() -> None:
    first, second = (
        sheet.pdf(label.pages([made()]), width=label.WIDTH_MM, height=label.HEIGHT_MM) for _ in range(2)
    )
    assert first == second


def test_everything_stands_on_the_paper_and_nothing_on_something_else() -> None:
    one = made(Content("09506000134352", 99_999_999, "W" * 20, date(2030, 1, 1), date(2029, 1, 1)))
    codes = [item for item in label.lay_out(one) if isinstance(item, Bars | Matrix)]
    boxes = []
    for item in codes:
        tall = item.height if isinstance(item, Bars) else item.symbol.width * item.module
        quiet = item.symbol.quiet * item.module
        boxes.append(
            (item.x - quiet, item.y, item.x + item.symbol.width * item.module + quiet, item.y + tall)
        )
    assert all(
        left >= 0 and top >= 0 and right <= label.WIDTH_MM and low <= label.HEIGHT_MM
        for left, top, right, low in boxes
    )
    for first in boxes:
        for other in boxes:
            apart = (
                first[2] <= other[0] or other[2] <= first[0] or first[3] <= other[1] or other[3] <= first[1]
            )
            assert first is other or apart


class TestZpl:
    """A printer's answer is not at hand: the commands are held against what the PDF shows."""

    @given(CONTENTS, SSCCS)
    @settings(max_examples=examples(15), deadline=None)
    def test_the_commands_carry_the_same_data(self, content: Content, sscc: str) -> None:
        one = made(content, sscc=sscc)
        ais = label.elements(one)
        text = zpl.zpl(label.pages([one]), width=label.WIDTH_MM, height=label.HEIGHT_MM)
        assert text.startswith("^XA^CI28^PW813^LL1219")
        assert text.endswith("^XZ\n")
        assert text.count("^XA") == text.count("^XZ") == 1
        linear = [decode_128(data) for data in re.findall(r"\^BCN,\d+,N,N,N,N\^FD([^\^]*)\^FS", text)]
        together = gs1.combine([gs1.read(f"]C1{data}", today=TODAY) for data in linear], today=TODAY)
        assert together.ais == {ai: value for ai, value in ais.items() if not ai.startswith("330")}
        [matrix] = re.findall(r"\^BXN,\d+,200,0,0,,\|\^FD\|1([^\^]*)\^FS", text)
        assert gs1.parse("]d2" + matrix.replace("|1", "\x1d"), today=TODAY).ais == ais
        [link] = re.findall(r"\^BQN,2,\d+\^FDMA,([^\^]*)\^FS", text)
        assert gs1.parse(link, today=TODAY).ais == ais

    def test_chinese_becomes_a_picture_because_printers_have_no_font_for_it(self) -> None:
        text = zpl.zpl([[Text(5, 10, "上海", 4)]], width=50, height=20)
        [(size, again, row, data)] = re.findall(r"\^GFA,(\d+),(\d+),(\d+),([0-9A-F]+)\^FS", text)
        assert size == again == str(len(data) // 2)
        assert int(size) % int(row) == 0
        assert set(data) != {"0"}

    def test_commands_in_a_text_stay_text(self) -> None:
        text = zpl.zpl([[Text(5, 10, "A^XZ~JA_1", 4)]], width=50, height=20)
        assert "^FH_^FDA_5EXZ_7EJA_5F1^FS" in text


def decode_128(data: str) -> str:
    """Read Code 128 field data as a printer does, by the table of the ZPL II manual."""
    out, subset = [], {">;": "C", ">:": "B"}[data[:2]]
    assert data[2:4] == ">8"
    rest = data[4:]
    while rest:
        if rest[0] == ">":
            if rest[:2] in (">5", ">6"):
                subset = {">5": "C", ">6": "B"}[rest[:2]]
            else:
                out.append({">8": "\x1d", ">0": ">"}[rest[:2]])
            rest = rest[2:]
        elif subset == "C":
            assert re.fullmatch(r"\d\d", rest[:2])
            out.append(rest[:2])
            rest = rest[2:]
        else:
            out.append(rest[0])
            rest = rest[1:]
    return "".join(out)


def test_a_packing_list_has_every_line_on_one_page() -> None:
    contents = [
        Content("09506000134352", number, f"L{number}", sku=f"SKU-{number}", name="螺栓")
        for number in range(1, 101)
    ]
    pages = packing_list.pages(made(*contents))
    assert len(pages) == 4
    data = sheet.pdf(pages, width=packing_list.WIDTH_MM, height=packing_list.HEIGHT_MM)
    document = pypdfium2.PdfDocument(data)
    text = "\n".join(document[page].get_textpage().get_text_range() for page in range(len(document)))
    assert sorted(map(int, re.findall(r"SKU-(\d+)", text))) == list(range(1, 101))
    assert text.count("螺栓") == 100


@pytest.mark.parametrize("size", [49, 60])
def test_a_bar_code_has_at_most_48_characters(size: int) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        symbols.gs1_128({"90": "A" * 28, "91": "A" * (size - 33)})
