"""What a code at the gate means: a handling unit, or a product with lot and expiry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from b2b.catalog.models import Packaging, Product
from b2b.core import gs1
from b2b.core.errors import Invalid, Problem
from b2b.db.bulk import fetch


@dataclass(frozen=True, slots=True)
class Scanned:
    """Either `sscc`, or a product, how many of its base units one scan is, and what the code says of the lot."""

    sscc: str = ""
    product: Product | None = None
    units: int = 1
    lot_number: str = ""
    expiry_date: date | None = None


class UnknownCode(Invalid):
    """Nobody knows this code."""

    code = "unknown_code"


def resolve(code: str, *, unit: str = "") -> Scanned:
    """Read a GS1 bar code in any of its forms, or one of our SKUs; `unit` is the pack that was counted.

    :raises ScanError: when it is a GS1 code and wrong: check digit, format, pairing.
    :raises UnknownCode: when no product has it. :raises Invalid: for a unit the product does not have.
    """
    by_sku = Product.objects.filter(sku=code.strip()).first()
    if by_sku is not None:
        return Scanned(product=by_sku, units=_units(by_sku, unit))
    if not any(character.isdigit() for character in code) or len(code) > 200:
        raise _unknown(code)
    found = gs1.parse(code)
    if found.sscc and not found.gtin:
        return Scanned(sscc=found.sscc)
    if not found.item_gtin:
        raise _unknown(code)
    product, pack = _by_gtin(found.item_gtin)
    if product is None:
        raise _unknown(found.item_gtin)
    units = pack * (found.count or 1) if not unit else _units(product, unit)
    return Scanned(
        product=product,
        units=units,
        lot_number=found.lot or "",
        expiry_date=found.expiry or found.best_before,
    )


def _by_gtin(gtin: str) -> tuple[Product | None, int]:
    """Find whose GTIN it is, the product's own or a pack's; twelve and thirteen digits are kept without zeros."""
    forms = {gtin, *(gtin[cut:] for cut in (1, 2, 6) if not gtin[:cut].strip("0"))}
    product = Product.objects.filter(gtin__in=forms).first()
    if product is not None:
        return product, 1
    pack = Packaging.objects.filter(gtin__in=forms).select_related("product").order_by("pk").first()
    return (pack.product, pack.units) if pack else (None, 1)


def _units(product: Product, unit: str) -> int:
    if unit in ("", product.base_unit):
        return 1
    packs = dict(product.packagings.values_list("code", "units"))
    if unit not in packs:
        raise Invalid(
            f"{product.sku} is not counted in {unit}",
            problems=[
                Problem(
                    "wrong_unit", f"{product.sku} has no unit {unit}", "/unit",
                    remedy=f"use one of {', '.join([product.base_unit, *packs])}",
                )
            ],
        )  # fmt: skip
    return int(packs[unit])


def _unknown(code: str) -> UnknownCode:
    return UnknownCode(
        f"nobody knows {code[:60]!r}",
        problems=[
            Problem("unknown_code", "no product or unit has this code", "/code",
                    remedy="scan again, type the SKU, or record the goods as found")
        ],
    )  # fmt: skip


def contents(sscc: str) -> list[str]:
    """Return the SSCC and those of all units within it."""
    rows = fetch(
        """
        WITH RECURSIVE within AS (
            SELECT id, sscc FROM warehousing_handlingunit WHERE sscc = %(sscc)s
            UNION SELECT unit.id, unit.sscc FROM warehousing_handlingunit unit
                JOIN within ON unit.parent_id = within.id)
        SELECT sscc FROM within
        """,
        {"sscc": sscc},
    )
    return sorted({sscc, *(code for (code,) in rows)})


def elsewhere(sscc_codes: list[str]) -> tuple[str, str] | None:
    """Return number and warehouse of an open receipt on which one of these units is, if any."""
    rows = fetch(
        """
        SELECT receipt.number, house.code FROM warehousing_receiptline line
        JOIN warehousing_receipt receipt ON receipt.id = line.receipt_id
        JOIN warehousing_warehouse house ON house.id = receipt.warehouse_id
        WHERE line.sscc = ANY(%s) AND receipt.status IN ('EXPECTED', 'RECEIVING') LIMIT 1
        """,
        [sscc_codes],
    )
    return rows[0] if rows else None


__all__ = ["Scanned", "UnknownCode", "contents", "elsewhere", "resolve"]
