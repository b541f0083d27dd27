"""Payment orders to a bank as ISO 20022 pain.001.001.09, and its answers, pain.002 of any version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from lxml import etree
from stdnum import iban

from b2b.core.errors import Invalid, Problem
from b2b.core.money import exponent
from b2b.core.xml import parse_untrusted_xml

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
MAX_BYTES: Final = 16 * 2**20
ACCEPTED: Final = frozenset({"ACCP", "ACSP", "ACSC", "ACWC", "ACTC", "ACCC"})
REFUSED: Final = frozenset({"RJCT", "CANC", "BLCK"})
# "Partly accepted" says nothing of any one payment: what is refused is named.
WAITING: Final = frozenset({"PDNG", "RCVD", "PART"})


class UnreadableAnswer(Invalid):
    """The file is no pain.002 message that can be read; nothing of it was taken."""

    code = "unreadable_payment_status"


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payment: amount in the message's currency, end-to-end id, payee, what it is for."""

    end_to_end_id: str
    amount: Decimal
    holder: str
    identifier: str
    bic: str = ""
    remittance_text: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A whole run from one account on one day."""

    id: str
    created_at: datetime
    execution_date: date
    payer: str
    account: str
    currency: str
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a bank says of one payment, or of a whole message when `end_to_end_id` is empty."""

    message_id: str
    end_to_end_id: str
    status: str
    reason: str = ""


def write(message: Message) -> bytes:
    """Return the message as XML in UTF-8; accounts as IBAN where they are one, else as they are."""
    root = etree.Element("Document", nsmap={None: NAMESPACE})
    body = _add(root, "CstmrCdtTrfInitn")
    total = sum((one.amount for one in message.transfers), Decimal(0))
    written = f"{total:.{exponent(message.currency)}f}"
    header = _add(body, "GrpHdr")
    _add(header, "MsgId", message.id)
    _add(header, "CreDtTm", message.created_at.isoformat(timespec="seconds"))
    _add(header, "NbOfTxs", str(len(message.transfers)))
    _add(header, "CtrlSum", written)
    _add(_add(header, "InitgPty"), "Nm", message.payer[:140])
    batch = _add(body, "PmtInf")
    _add(batch, "PmtInfId", message.id)
    _add(batch, "PmtMtd", "TRF")
    _add(batch, "NbOfTxs", str(len(message.transfers)))
    _add(batch, "CtrlSum", written)
    _add(_add(batch, "ReqdExctnDt"), "Dt", message.execution_date.isoformat())
    _add(_add(batch, "Dbtr"), "Nm", message.payer[:140])
    account = _account(batch, "DbtrAcct", message.account)
    _add(account, "Ccy", message.currency)
    _add(_add(_add(_add(batch, "DbtrAgt"), "FinInstnId"), "Othr"), "Id", "NOTPROVIDED")
    for transfer in message.transfers:
        _transfer(batch, transfer, message.currency)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _transfer(batch: Any, transfer: Transfer, currency: str) -> None:
    element = _add(batch, "CdtTrfTxInf")
    _add(_add(element, "PmtId"), "EndToEndId", transfer.end_to_end_id)
    amount = _add(_add(element, "Amt"), "InstdAmt", f"{transfer.amount:.{exponent(currency)}f}")
    amount.set("Ccy", currency)
    if transfer.bic:
        _add(_add(_add(element, "CdtrAgt"), "FinInstnId"), "BICFI", transfer.bic)
    _add(_add(element, "Cdtr"), "Nm", transfer.holder[:140])
    _account(element, "CdtrAcct", transfer.identifier)
    if transfer.remittance_text:
        _add(_add(element, "RmtInf"), "Ustrd", transfer.remittance_text[:140])


def _account(parent: Any, name: str, identifier: str) -> Any:
    account = _add(parent, name)
    key = _add(account, "Id")
    if iban.is_valid(identifier):
        _add(key, "IBAN", iban.compact(identifier))
    else:
        _add(_add(key, "Othr"), "Id", identifier)
    return account


def _add(parent: Any, name: str, text: str | None = None) -> Any:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    # What cannot be printed has no place in XML either, and must not keep a whole run from being paid.
    child.text = text and "".join(char if char.isprintable() else " " for char in text)
    return child


def read_answers(content: bytes) -> list[Answer]:
    """Read a CustomerPaymentStatusReport: of each payment it names, else of its batch, else of the whole message.

    :raises UnreadableAnswer: naming what is wrong. :raises UnsafeXml, MalformedXml: see `parse_untrusted_xml`.
    """
    root = parse_untrusted_xml(content, max_bytes=MAX_BYTES)
    report = None if root is None else next(iter(root), None)
    if report is None or _name(report) != "CstmrPmtStsRpt":
        raise UnreadableAnswer(
            "this is no pain.002",
            problems=[Problem("not_a_status_report", "the root holds no CstmrPmtStsRpt", row=1,
                              remedy="upload the bank's status report")],
        )  # fmt: skip
    group = _first(report, "OrgnlGrpInfAndSts")
    message_id = _text(group, "OrgnlMsgId")
    if not message_id:
        raise UnreadableAnswer(
            "the report names no message",
            problems=[Problem("no_message", "OrgnlMsgId is missing", row=report.sourceline,
                              field="OrgnlGrpInfAndSts/OrgnlMsgId", remedy="ask the bank for a complete report")],
        )  # fmt: skip
    found: list[Answer] = []
    for batch in _all(report, "OrgnlPmtInfAndSts"):
        single = [_single(message_id, one) for one in _all(batch, "TxInfAndSts")]
        found += single or _whole(message_id, _text(batch, "PmtInfSts"), batch)
    return found or _whole(message_id, _text(group, "GrpSts"), group)


def _single(message_id: str, element: Any) -> Answer:
    """Return what is said of one payment; without its id it would go for the whole run."""
    end_to_end_id = _text(element, "OrgnlEndToEndId")
    if not end_to_end_id:
        raise UnreadableAnswer(
            "the report does not say which payment it means",
            problems=[Problem("no_end_to_end_id", "OrgnlEndToEndId is missing", row=element.sourceline,
                              field="TxInfAndSts/OrgnlEndToEndId", remedy="ask the bank for a complete report")],
        )  # fmt: skip
    return Answer(message_id, end_to_end_id, _text(element, "TxSts"), _reason(element))


def _whole(message_id: str, status: str, element: Any) -> list[Answer]:
    return [Answer(message_id, "", status, _reason(element))] if status else []


def _reason(element: Any) -> str:
    found = _first(element, "StsRsnInf")
    if found is None:
        return ""
    code = next((one.text or "" for one in found.iter() if _name(one) in ("Cd", "Prtry")), "")
    texts: Sequence[str] = [one.text or "" for one in _all(found, "AddtlInf")]
    return " ".join(filter(None, (code, *texts)))[:140]


def _name(element: Any) -> str:
    return str(etree.QName(element).localname)


def _all(parent: Any, name: str) -> list[Any]:
    return [] if parent is None else [child for child in parent if _name(child) == name]


def _first(parent: Any, name: str) -> Any:
    return next(iter(_all(parent, name)), None)


def _text(parent: Any, name: str) -> str:
    found = _first(parent, name)
    return (found.text or "").strip() if found is not None else ""
