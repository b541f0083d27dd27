"""UBL documents as a factory would write them."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from stdnum import ean

NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:"


def sscc(serial: int, prefix: str = "09521234") -> str:
    """Return an SSCC of the range GS1 keeps for examples."""
    body = f"{prefix}{serial:0{17 - len(prefix)}d}"
    return body + str(ean.calc_check_digit(body))


def package(code: str, *within: str) -> str:
    """A package within a transport handling unit."""
    inner = "".join(within).replace("cac:ActualPackage", "cac:ContainedPackage")
    return f"<cac:ActualPackage><cbc:ID>{code}</cbc:ID>{inner}</cac:ActualPackage>"


def unit(code: str, *within: str, lines: Sequence[int] = (), kind: str = "CT") -> str:
    """A transport handling unit with packages and the numbers of the lines on it."""
    held = "".join(
        f"<cac:HandlingUnitDespatchLine><cbc:ID>{number}</cbc:ID></cac:HandlingUnitDespatchLine>"
        for number in lines
    )
    return (
        f"<cac:TransportHandlingUnit><cbc:ID>{code}</cbc:ID>"
        f"<cbc:TransportHandlingUnitTypeCode>{kind}</cbc:TransportHandlingUnitTypeCode>"
        f"{held}{''.join(within)}</cac:TransportHandlingUnit>"
    )


def line(
    number: int,
    quantity: object,
    *,
    order_line: object = "",
    order: str = "",
    unit_code: str = "EA",
    gtin: str = "",
    sku: str = "",
    lot: str = "",
    expiry: str = "",
    units: str = "",
) -> str:
    """A despatch line."""
    reference = f"<cac:OrderReference><cbc:ID>{order}</cbc:ID></cac:OrderReference>" if order else ""
    return f"""
    <cac:DespatchLine><cbc:ID>{number}</cbc:ID>
      <cbc:DeliveredQuantity unitCode="{unit_code}">{quantity}</cbc:DeliveredQuantity>
      <cac:OrderLineReference><cbc:LineID>{order_line}</cbc:LineID>{reference}</cac:OrderLineReference>
      <cac:Item><cbc:Name>Goods</cbc:Name>
        <cac:BuyersItemIdentification><cbc:ID>{escape(sku)}</cbc:ID></cac:BuyersItemIdentification>
        <cac:StandardItemIdentification><cbc:ID schemeID="0160">{gtin}</cbc:ID></cac:StandardItemIdentification>
        <cac:ItemInstance><cac:LotIdentification><cbc:LotNumberID>{escape(lot)}</cbc:LotNumberID>
          <cbc:ExpiryDate>{expiry}</cbc:ExpiryDate></cac:LotIdentification></cac:ItemInstance>
      </cac:Item>
      <cac:Shipment><cbc:ID>1</cbc:ID>{units}</cac:Shipment>
    </cac:DespatchLine>"""


def advice(
    *lines: str, number: str = "D-1", order: str = "PO-1", issued: str = "2026-03-03", units: str = ""
) -> bytes:
    """A despatch advice."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<DespatchAdvice xmlns="{NAMESPACE}DespatchAdvice-2" xmlns:cac="{NAMESPACE}CommonAggregateComponents-2"
    xmlns:cbc="{NAMESPACE}CommonBasicComponents-2">
  <cbc:UBLVersionID>2.3</cbc:UBLVersionID><cbc:ID>{number}</cbc:ID><cbc:IssueDate>{issued}</cbc:IssueDate>
  <cac:OrderReference><cbc:ID>{order}</cbc:ID></cac:OrderReference>
  <cac:Shipment><cbc:ID>1</cbc:ID>{units}</cac:Shipment>{"".join(lines)}
</DespatchAdvice>""".encode()
