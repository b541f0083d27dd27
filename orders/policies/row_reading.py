"""Read the rows of an order: each distinct text is looked at once, however many rows carry it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final, NamedTuple

from stdnum import ean

from orders.policies import cell, own_code
from orders.policies.cell import LARGEST, Fault
from orders.policies.order_facts import Facts, ProductFacts
from orders.policies.raw_row import RawRow

_IN_ORDER: Final = ("max_unit_price", "flex_up", "flex_down", "options", "all_or_nothing", "currency")
EXTRAS: Final = frozenset(_IN_ORDER)


@dataclass(eq=False, slots=True)
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


@dataclass(eq=False, slots=True)
class Kind:
    """All that rows say besides a quantity: rows of the same texts share one. `faults` leave out the quantity's."""

    item: Item
    ship_to_site_id: int | None
    need_by_date: date | None
    extras: Extras
    later_faults: tuple[Fault, ...]
    faults: tuple[Fault, ...]


class Entry(NamedTuple):
    """A row as read, before it has a price."""

    row: int
    kind: Kind
    entered_quantity: int
    quantity: int
    faults: tuple[Fault, ...]


_entry: Final = partial(tuple.__new__, Entry)
_NOTHING: Final = Extras()
_Named = tuple[str | None, str | None, str | None, str | None]  # SKU, GTIN, unit, the dealer's own code
_Read = tuple[Any, tuple[Fault, ...]]
_Texts = tuple[str | None, str | None, str | None, str | None, str | None, str | None]


class Reader:
    """Reads rows against facts and remembers every text, and every kind of row, it has read."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._items: dict[_Named, Item] = {}
        self._quantities: dict[str | None, _Read] = {}
        self._days: dict[str | None, _Read] = {}
        self._sites: dict[str | None, _Read] = {}
        self._extras: dict[tuple[Any, ...], Extras] = {}
        self._kinds: dict[tuple[_Texts, int], Kind] = {}
        self._plain_kinds: dict[_Texts, Kind] = {}

    def read(self, rows: Sequence[RawRow]) -> list[Entry]:
        """Return one entry per row, in order."""
        kinds, quantities, is_plain = self._plain_kinds, self._quantities, EXTRAS.isdisjoint
        entries = []
        for number, values in rows:
            get = values.get
            texts = (get("sku"), get("gtin"), get("unit"), get("buyers_code"), get("ship_to"),
                     get("need_by_date"))  # fmt: skip
            if is_plain(values):
                kind = kinds.get(texts) or self._plain_kind(texts)
            else:
                kind = self._special_kind(texts, values)
            entered, faults = quantities.get(text := get("quantity")) or self._quantity(text)
            quantity = entered * kind.item.pack_units
            if faults:
                faults = kind.item.product_faults + faults + kind.later_faults
            elif kind.faults:
                faults = kind.faults
            elif quantity > LARGEST:
                faults = (_too_large(quantity),)
            elif kind.extras.flex_down > entered:
                faults = (_FLEX_BEYOND,)
            entries.append(_entry((number, kind, entered, quantity, faults)))
        return entries

    def _plain_kind(self, texts: _Texts) -> Kind:
        kind = self._plain_kinds[texts] = self._kind(texts, {})
        return kind

    def _special_kind(self, texts: _Texts, values: Mapping[str, str]) -> Kind:
        made = self._kind(texts, values)
        return self._kinds.setdefault((texts, id(made.extras)), made)

    def _kind(self, texts: _Texts, values: Mapping[str, str]) -> Kind:
        named, ship_to, need_by_text = texts[:4], texts[4], texts[5]
        item = self._items.get(named) or self._item(named)
        site, site_faults = self._sites.get(ship_to) or self._site(ship_to)
        need_by, day_faults = self._days.get(need_by_text) or self._day(need_by_text)
        extras = self._more(values, item) if values else _NOTHING
        later = item.unit_faults + site_faults + day_faults + extras.faults
        return Kind(item, site, need_by, extras, later, item.product_faults + later)

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
        if product is not None and gtin:
            fault = self._printed_otherwise(product, gtin, unit or printed_unit)
            product, faults = (None, (fault,)) if fault else (product, faults)
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

    def _printed_otherwise(self, product: ProductFacts, gtin: str, unit: str) -> Fault | None:
        """Return the fault of a row whose GTIN says something else than its SKU or code, or leaves its unit open."""
        other, printed_unit = self._facts.by_gtin.get(gtin.zfill(14), (product, ""))
        if other.product_id != product.product_id:
            return Fault("codes_disagree", "gtin", f"{gtin} is the GTIN of {other.sku}, not of {product.sku}",
                         "Keep the one you mean.")  # fmt: skip
        if unit or printed_unit in ("", product.base_unit):
            return None
        return Fault("ambiguous_unit", "unit", f"{gtin} is printed on a unit {printed_unit}, {product.sku} is sold"
                     f" by {product.base_unit}", f"Enter {printed_unit} or {product.base_unit}.")  # fmt: skip

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

    def _more(self, values: Mapping[str, str], item: Item) -> Extras:
        told = ((values.get(name) or "").strip() for name in _IN_ORDER)
        texts = (*told, item.product)
        if not any(texts[:-1]):
            return _NOTHING
        key = (*texts[:-1], item.sku)
        if key not in self._extras:
            self._extras[key] = self._read_more(*texts)  # type: ignore[arg-type]
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
