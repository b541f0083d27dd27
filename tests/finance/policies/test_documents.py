"""What is sent as UBL or on paper says what was issued: every line once, every amount to the cent."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from b2b.core.paper import sheet
from b2b.core.paper.sheet import Text
from finance.policies import document_sheet, en16931, ubl_bill, ubl_document
from finance.policies.trade_document import CREDIT_NOTE
from tests.finance.policies.bills import document


def test_an_invoice_read_back_from_ubl_is_the_one_that_was_written():
    chance = Random(21)
    for _ in range(100):
        sent = document(chance)
        read = ubl_bill.read(ubl_document.write(sent))
        assert en16931.broken_rules(read) == []
        assert (read.number, read.issue_date, read.due_date) == (sent.number, sent.issue_date, sent.due_date)
        assert read.totals == sent.totals
        assert [replace(line, row=0, buyers_sku="") for line in read.lines] == [
            replace(line, row=0, buyers_sku="") for line in sent.lines
        ]


def test_a_credit_note_names_the_invoice_it_corrects():
    sent = replace(document(Random(1)), type_code=CREDIT_NOTE, corrects="INV-MID-7")
    text = ubl_document.write(sent).decode()
    assert "<cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>" in text
    assert "INV-MID-7" in text
    assert "CreditedQuantity" in text
    assert "DueDate" not in text


def test_every_line_is_on_one_page_and_the_sum_on_the_last():
    chance = Random(8)
    many = document(chance)
    lines = tuple(replace(many.lines[0], number=str(n)) for n in range(1, 61))
    pages = document_sheet.pages(replace(many, lines=lines))
    assert len(pages) == 3
    shown = [[item.text for item in page if isinstance(item, Text)] for page in pages]
    numbers = [text for page in shown for text in page if text in {str(n) for n in range(1, 61)}]
    assert numbers == [str(n) for n in range(1, 61)]
    payable = document_sheet.money(many.totals.payable_amount, many.currency)
    assert [payable in page for page in shown] == [False, False, True]


def test_a_document_in_any_script_becomes_a_pdf():
    made = document(Random(2))
    drawn = sheet.pdf(
        document_sheet.pages(made),
        width=document_sheet.WIDTH_MM,
        height=document_sheet.HEIGHT_MM,
        title=made.number,
    )
    assert drawn.startswith(b"%PDF-")
    assert len(drawn) > 2_000
