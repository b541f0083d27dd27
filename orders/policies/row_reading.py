"""Read the rows of an order: each distinct text is looked at once, however many rows carry it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from stdnum import ean

from orders.policies import cell, own_code
from orders.policies.cell import LARGEST, Fault
from orders.policies.order_facts import Facts, ProductFacts
from orders.policies.raw_row import RawRow

EXTRAS: Final = frozenset({"max_unit_price", "flex_up", "flex_down", "options", "all_or_nothing", "currency"})


@dataclass(frozen=True, slots=True)
class Item:
    """What a row names: a product in a unit of `pack_units` base units."""

    sku: str
    product: ProductFacts | None
    unit: str
    pack_units: int
    product_faults: tuple[Fault, ...]
    unit_faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Extras:
    """What few rows tell: ceiling, flexibility in the row's unit, options, whether a part is of any use."""

    max_unit_price: Decimal | None = None
    flex_up: int = 0
    flex_down: int = 0
    options: Any = None
    all_or_nothing: bool = False
    faults: tuple[Fault, ...] = ()


class Entry(NamedTuple):
    """A row as read, before it has a price."""

    row: int
    item: Item
    entered_quantity: int
    quantity: int
    ship_to_site_id: int | None
    need_by_date: date | None
    extras: Extras
    faults: tuple[Fault, ...]


_NOTHING: Final = Extras()
_Named = tuple[str | None, str | None, str | None, str | None]  # SKU, GTIN, unit, the dealer's own code
_Read = tuple[Any, tuple[Fault, ...]]


class Reader:
    """Reads rows against facts and remembers every text it has read."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._items: dict[_Named, Item] = {}
        self._quantities: dict[str | None, _Read] = {}
        self._days: dict[str | None, _Read] = {}
        self._sites: dict[str | None, _Read] = {}
        self._extras: dict[tuple[Any, ...], Extras] = {}

    def read(self, rows: Sequence[RawRow]) -> list[Entry]:
        """Return one entry per row, in order."""
        items, quantities, days, sites = self._items, self._quantities, self._days, self._sites
        entries = []
        for row in rows:
            values = row.values
            get = values.get
            named = get("sku"), get("gtin"), get("unit"), get("buyers_code")
            item = items.get(named) or self._item(named)
            entered, quantity_faults = quantities.get(text := get("quantity")) or self._quantity(text)
            site, site_faults = sites.get(text := get("ship_to")) or self._site(text)
            need_by, day_faults = days.get(text := get("need_by_date")) or self._day(text)
            extras = _NOTHING if EXTRAS.isdisjoint(values) else self._more(row, item)
            quantity = entered * item.pack_units
            faults = (item.product_faults + quantity_faults + item.unit_faults + site_faults + day_faults
                      + extras.faults)  # fmt: skip
            if quantity > LARGEST and not faults:
                faults = (_too_large(quantity),)
            elif extras is not _NOTHING and not faults and extras.flex_down > entered:
                faults = (_FLEX_BEYOND,)
            entries.append(Entry(row.number, item, entered, quantity, site, need_by, extras, faults))
        return entries

    def _item(self, named: _Named) -> Item:
        sku, gtin, unit, code = (cell.plain(text or "") for text in named)
        product, printed_unit = self._product((named[0] or "").strip(), gtin)
        faults: tuple[Fault, ...] = ()
        own = self._facts.by_code.get(code or sku)
        if own is not None or code:
            product, fault = own_code.choose(product if sku or gtin else None, own, code=code, sku=sku)
            faults = (fault,) if fault else ()
        elif product is None:
            faults = (_unknown_product(sku, gtin),)
        unit = (unit or printed_unit).upper()
        pack_units = 1
        unit_faults: tuple[Fault, ...] = ()
        if product is not None:
            unit = unit or product.base_unit
            pack_units = product.units.get(unit, 0)
            if not pack_units:
                pack_units, unit_faults = 1, (_unknown_unit(product, unit),)
        item = Item(
            product.sku if product else sku or gtin or code, product, unit, pack_units, faults, unit_faults
        )
        self._items[named] = item
        return item

    def _product(self, sku: str, gtin: str) -> tuple[ProductFacts | None, str]:
        if sku:
            return self._facts.by_sku.get(sku), ""
        return self._facts.by_gtin.get(gtin.zfill(14) if gtin else "", (None, ""))

    def _quantity(self, text: str | None) -> _Read:
        return _remember(self._quantities, text, cell.whole, 0)

    def _day(self, text: str | None) -> _Read:
        return _remember(self._days, text, lambda told: cell.day(told, self._facts.today), None)

    def _site(self, text: str | None) -> _Read:
        return _remember(self._sites, text, self._own_site, None)

    def _own_site(self, text: str) -> int | Fault:
        code = text.strip()
        site = self._facts.sites.get(code) if code else self._facts.ship_to_site_id
        if site is not None:
            return site
        return Fault("unknown_site", "ship_to", f"{code or 'no site'} is none of your sites",
                     "Use the code of one of your sites.")  # fmt: skip

    def _more(self, row: RawRow, item: Item) -> Extras:
        texts = (row.get("max_unit_price"), row.get("flex_up"), row.get("flex_down"), row.get("options"),
                 row.get("all_or_nothing"), row.get("currency"), item.product)  # fmt: skip
        if not any(texts[:-1]):
            return _NOTHING
        key = (*texts[:-1], item.sku)
        if key not in self._extras:
            self._extras[key] = self._read_more(*texts)
        return self._extras[key]

    def _read_more(
        self,
        ceiling: str,
        up: str,
        down: str,
        options: str,
        whole: str,
        currency: str,
        product: ProductFacts | None,
    ) -> Extras:
        found: list[Any] = [
            cell.price(ceiling),
            cell.whole(up, "flex_up") if cell.plain(up) not in ("", "0") else 0,
            cell.whole(down, "flex_down") if cell.plain(down) not in ("", "0") else 0,
            cell.options(options, product.options if product else {}),
            cell.flag(whole, "all_or_nothing"),
        ]
        faults = [value for value in found if isinstance(value, Fault)]
        if currency and currency.upper() != self._facts.currency:
            faults.append(_other_currency(currency, self._facts.currency))
        if faults:
            return Extras(faults=tuple(faults))
        return Extras(*found)


def _remember(
    known: dict[str | None, _Read], text: str | None, reading: Callable[[str], Any], missing: Any
) -> _Read:
    found = reading(text or "")
    known[text] = (missing, (found,)) if isinstance(found, Fault) else (found, ())
    return known[text]


_FLEX_BEYOND: Final = Fault(
    "flex_beyond_quantity", "flex_down", "you cannot take less than nothing", "Enter at most the quantity."
)


def _unknown_product(sku: str, gtin: str) -> Fault:
    if sku or not gtin:
        return Fault("unknown_product", "sku", f"{sku or 'an empty cell'} is no product on sale",
                     "Use a SKU or GTIN of the catalogue.")  # fmt: skip
    if not gtin.isdigit() or len(gtin) not in (8, 12, 13, 14):
        return Fault("invalid_gtin", "gtin", f"{gtin} is no GTIN",
                     "A GTIN has 8, 12, 13 or 14 digits; format the column as text.")  # fmt: skip
    if not ean.is_valid(gtin):
        return Fault("wrong_check_digit", "gtin", f"{gtin} is mistyped: its check digit does not fit",
                     f"With these digits it would end in {ean.calc_check_digit(gtin[:-1])};"
                     " read it from the pack again.")  # fmt: skip
    return Fault("unknown_product", "gtin", f"{gtin} is no product on sale",
                 "Use a SKU or GTIN of the catalogue.")  # fmt: skip


def _unknown_unit(product: ProductFacts, unit: str) -> Fault:
    return Fault("unknown_unit", "unit", f"{product.sku} does not come in {unit}",
                 f"Use one of {', '.join(product.units)}.")  # fmt: skip


def _other_currency(told: str, currency: str) -> Fault:
    return Fault("two_currencies", "currency", f"this row is in {told[:20]}, the order in {currency}",
                 "Order it by itself: an order has one currency.")  # fmt: skip


def _too_large(quantity: int) -> Fault:
    return Fault("quantity_too_large", "quantity", f"{quantity} base units are more than anyone can order",
                 f"Enter at most {LARGEST}.")  # fmt: skip
