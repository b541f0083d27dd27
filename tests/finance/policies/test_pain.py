"""What goes to the bank is valid by the schema of ISO 20022, and every kind of answer is read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from finance.policies import pain
from finance.policies.pain import Message, Transfer, UnreadableAnswer

SCHEMA = etree.XMLSchema(
    etree.fromstring((files("sepaxml") / "schemas" / "pain.001.001.09.xsd").read_bytes())
)
NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=70
).filter(str.strip)
TRANSFERS = st.builds(
    Transfer,
    end_to_end_id=st.from_regex(r"E2E-[A-Z]{1,8}-[0-9]{6}", fullmatch=True),
    amount=st.decimals(min_value="0.01", max_value=10**9, places=2),
    holder=NAMES,
    identifier=st.sampled_from(["DE02120300000000202051", "6222-0000-1", "NL91ABNA0417164300"]),
    bic=st.sampled_from(["", "BYLADEM1001"]),
    remittance_text=st.sampled_from(["", "RE-1 RE-2", "x" * 200]),
)


@given(st.lists(TRANSFERS, min_size=1, max_size=20), NAMES)
def test_a_message_is_valid_and_its_sums_are_those_of_its_payments(transfers, payer):
    message = Message(
        "RUN-MID-000001",
        datetime(2026, 3, 2, tzinfo=UTC),
        date(2026, 3, 3),
        payer,
        "CN-6222",
        "CNY",
        tuple(transfers),
    )
    root = etree.fromstring(pain.write(message))
    assert SCHEMA.validate(root), SCHEMA.error_log
    sums = {Decimal(text) for text in root.xpath("//*[local-name()='CtrlSum']/text()")}
    assert sums == {sum((one.amount for one in transfers), Decimal(0))}


REPORT = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"><CstmrPmtStsRpt>
<GrpHdr><MsgId>B</MsgId></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>RUN-1</OrgnlMsgId>{group}</OrgnlGrpInfAndSts>{batch}</CstmrPmtStsRpt></Document>"""
BATCH = "<OrgnlPmtInfAndSts><OrgnlPmtInfId>RUN-1</OrgnlPmtInfId>{}</OrgnlPmtInfAndSts>"


@pytest.mark.parametrize("version", ["03", "10", "12"])
def test_the_nearest_word_counts(version):
    single = (
        "<TxInfAndSts><OrgnlEndToEndId>E1</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC04</Cd></Rsn>"
        "<AddtlInf>closed</AddtlInf></StsRsnInf></TxInfAndSts>"
    )

    def read(group: str = "", batch: str = "") -> list[tuple[str, str, str]]:
        answers = pain.read_answers(REPORT.format(version=version, group=group, batch=batch).encode())
        return [(one.end_to_end_id, one.status, one.reason) for one in answers]

    assert read("<GrpSts>ACCP</GrpSts>") == [("", "ACCP", "")]
    assert read("<GrpSts>PART</GrpSts>", BATCH.format(single)) == [("E1", "RJCT", "AC04 closed")]
    assert read("", BATCH.format("<PmtInfSts>ACSC</PmtInfSts>")) == [("", "ACSC", "")]
    assert read() == []


@pytest.mark.parametrize("content", ["<a/>", "<Document><CstmrPmtStsRpt/></Document>"])
def test_what_is_no_report_is_refused(content):
    with pytest.raises(UnreadableAnswer):
        pain.read_answers(content.encode())


def test_a_refusal_of_nobody_in_particular_is_not_one_of_all():
    single = "<TxInfAndSts><TxSts>RJCT</TxSts></TxInfAndSts>"
    with pytest.raises(UnreadableAnswer) as refused:
        pain.read_answers(REPORT.format(version="10", group="", batch=BATCH.format(single)).encode())
    assert [problem.code for problem in refused.value.problems] == ["no_end_to_end_id"]


def test_partly_accepted_says_nothing_of_any_one_payment():
    assert "PART" in pain.WAITING - pain.ACCEPTED


def test_what_cannot_be_printed_keeps_no_run_from_being_paid():
    transfer = Transfer("E1", Decimal(1), "A\x01B", "6222", remittance_text="RE\n1\ud800")
    message = Message(
        "RUN-1", datetime(2026, 3, 2, tzinfo=UTC), date(2026, 3, 3), "P", "CN-6222", "CNY", (transfer,)
    )
    root = etree.fromstring(pain.write(message))
    assert root.xpath("//*[local-name()='Cdtr']/*/text()") == ["A B"]
    assert root.xpath("//*[local-name()='Ustrd']/text()") == ["RE 1 "]
