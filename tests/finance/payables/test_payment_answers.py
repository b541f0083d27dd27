"""What the bank says of a run: accepted, refused one by one or as a whole, or nothing that fits."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from b2b.core.actor import acting_as
from b2b.db import selectors as kernel
from finance.models import Case, SupplierInvoice
from finance.policies import chart
from finance.services import payment_status
from finance.services.payment_status import UnknownPayment
from tests.factories.finance import NOON, PLATFORM
from tests.finance.payables.paying import (
    approved,
    broken,
    orders,
    owed_factory,
    propose,
)
from tests.finance.payables.test_matching import balance

ANSWER = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>B1</MsgId></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>{run}</OrgnlMsgId>{whole}</OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>{run}</OrgnlPmtInfId>{single}</OrgnlPmtInfAndSts>
</CstmrPmtStsRpt></Document>"""


def single(number: str, status: str, reason: str = "") -> str:
    said = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{number}</OrgnlEndToEndId><TxSts>{status}</TxSts>{said}</TxInfAndSts>"
    )


def answer(run, *, whole: str = "", single: str = "") -> None:
    with acting_as(PLATFORM):
        payment_status.take(
            ANSWER.format(run=run.number, whole=whole, single=single).encode(), by=PLATFORM, at=NOON
        )


def test_what_the_bank_refuses_is_open_again_and_can_be_paid_anew(db):
    owed_factory("100")
    owed_factory("10")
    run = approved()
    good, bad = orders(run)
    for _ in range(2):  # told twice
        answer(run, single=single(good.number, "ACSC") + single(bad.number, "RJCT", "AC04"))
    assert [one.status for one in orders(run)] == ["ACCEPTED", "REFUSED"]
    assert orders(run)[1].bank_reason == "AC04"
    with acting_as(PLATFORM):
        [found] = Case.objects.all()
        assert (found.kind, found.reference) == ("PAYMENT_REFUSED", bad.number)
    assert broken() == []
    assert propose().total_amount == bad.amount


def test_each_refusal_keeps_its_reason_and_many_reasons_cost_no_more_statements(db):
    def refused(codes: list[str], new: int) -> int:
        for _ in range(new):
            owed_factory("100")
        run = approved()
        given = dict(zip([one.number for one in orders(run)], codes, strict=True))
        said = "".join(single(number, "RJCT", code) for number, code in given.items())
        with CaptureQueriesContext(connection) as captured:
            answer(run, single=said)
        with acting_as(PLATFORM):
            for order in orders(run):
                code = given[order.number]
                [bill] = SupplierInvoice.objects.filter(paid_by__order=order)
                assert order.bank_reason == code
                assert kernel.history(PLATFORM, order.pk).get(verb="refuse").reason == code
                assert code in kernel.history(PLATFORM, bill.pk).filter(verb="reopen").values_list(
                    "reason", flat=True
                )
        return len(captured)

    few = refused(["AC01"], new=1)
    assert refused(["AC02", "AC03", "AC04", "AC06"], new=3) == few  # the one from before is paid again


def test_a_message_refused_as_a_whole_takes_all_back(db):
    owed_factory("100")
    owed_factory("10")
    run = approved()
    answer(run, whole="<GrpSts>RJCT</GrpSts>")
    assert {one.status for one in orders(run)} == {"REFUSED"}
    assert balance(chart.IN_TRANSIT) == 0
    assert broken() == []


def test_an_answer_that_does_not_fit_changes_nothing(db):
    owed_factory("100")
    run = approved()
    [order] = orders(run)
    with pytest.raises(UnknownPayment):
        answer(run, single=single(order.number, "RJCT") + single("E2E-NOBODY", "RJCT"))
    with pytest.raises(UnknownPayment):
        answer(run, single=single(order.number, "HUH?"))
    assert orders(run)[0].status == "APPROVED"
