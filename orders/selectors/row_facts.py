"""What the rows of an order are judged by, in a constant number of queries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from b2b.core.actor import Actor, acting_as, system
from b2b.db.bulk import fetch_dicts, literal
from b2b.directory.models import Organization
from b2b.directory.selectors import site
from orders import ports
from orders.policies.cell import plain
from orders.policies.order_facts import Facts, ProductFacts, TradeFacts
from orders.policies.raw_row import RawRow
from orders.selectors import arrival, terms
from orders.selectors.handling import DEFAULT_DAYS

_PRODUCTS: Final = """
    WITH printed AS (
        SELECT product_id, code, gtin FROM catalog_packaging WHERE gtin = ANY(%(gtins)s::text[])
    ), own AS (
        SELECT product_id, array_agg(code) AS codes FROM orders_buyersitem
        WHERE dealer_id = %(dealer)s AND code = ANY(%(codes)s::text[]) GROUP BY product_id
    )
    SELECT product.id, product.sku, product.name, product.gtin, product.base_unit, product.tax_rate, product.category,
        product.attributes -> 'options' AS options, packs.codes, packs.units, packs.gtins, own.codes AS own_codes
    FROM catalog_product product LEFT JOIN own ON own.product_id = product.id
    LEFT JOIN LATERAL (
        SELECT array_agg(pack.code) AS codes, array_agg(pack.units) AS units, array_agg(pack.gtin) AS gtins
        FROM catalog_packaging pack WHERE pack.product_id = product.id) packs ON true
    WHERE product.is_active AND (product.sku = ANY(%(skus)s::text[]) OR product.gtin = ANY(%(gtins)s::text[])
        OR product.id IN (SELECT product_id FROM printed UNION ALL SELECT product_id FROM own))
"""


def of_rows(
    actor: Actor,
    rows: Sequence[RawRow],
    *,
    dealer: Organization,
    ship_to_site_id: int | None,
    currency: str,
    at: datetime,
) -> Facts:
    """Return products, packs, terms, stock, sites and cut-offs for the rows; six queries, whatever their number."""
    skus = _told(rows, "sku")
    codes = {plain(text) for text in skus | _told(rows, "buyers_code")}
    gtins = {plain(gtin) for gtin in _told(rows, "gtin")}
    padded = gtins | {gtin.zfill(14) for gtin in gtins} | {gtin.lstrip("0") for gtin in gtins}
    by_sku: dict[str, ProductFacts] = {}
    by_gtin: dict[str, tuple[ProductFacts, str]] = {}
    by_code: dict[str, ProductFacts] = {}
    asked = {"skus": literal(skus), "gtins": literal(padded), "dealer": dealer.pk, "codes": literal(codes)}
    for found in fetch_dicts(_PRODUCTS, asked):
        facts = _index(found, by_sku, by_gtin)
        if found["own_codes"]:
            by_code.update(dict.fromkeys(found["own_codes"], facts))
    products = [facts.product_id for facts in by_sku.values()]
    sites = site.own(actor).filter(organization=dealer)
    trade = trade_facts(products, buyer_id=dealer.pk, currency=currency, at=at)
    return Facts(
        by_sku=by_sku,
        by_gtin=by_gtin,
        trade=trade,
        sites=dict(sites.values_list("code", "pk")),
        ship_to_site_id=ship_to_site_id,
        currency=currency,
        today=at.date(),
        by_code=by_code,
        arrivals=arrival.of_goods(
            {one.factory_id for one in trade.values()},
            {one.category for one in by_sku.values()},
            ship_to_site_id=ship_to_site_id,
            currency=currency,
        ),
        handling_days=DEFAULT_DAYS,
    )


def _told(rows: Sequence[RawRow], name: str) -> set[str]:
    """Return the distinct texts of a field, trimmed; each row is only looked up, each text trimmed once."""
    return {text.strip() for text in {row.values.get(name) for row in rows} if text} - {""}


def _index(
    found: dict[str, Any],
    by_sku: dict[str, ProductFacts],
    by_gtin: dict[str, tuple[ProductFacts, str]],
) -> ProductFacts:
    packed, codes = {}, found["codes"] or ()
    if codes:
        packed = dict(zip(codes, found["units"], strict=True))
    facts = ProductFacts(
        product_id=found["id"],
        sku=found["sku"],
        name=found["name"],
        base_unit=found["base_unit"],
        tax_rate=found["tax_rate"],
        units={found["base_unit"]: 1, **packed},
        category=found["category"],
        options=_choices(found["options"]),
    )
    by_sku[facts.sku] = facts
    if found["gtin"]:
        by_gtin[found["gtin"].zfill(14)] = (facts, facts.base_unit)
    for code, gtin in zip(codes, found["gtins"] or (), strict=True):
        if gtin:
            by_gtin[gtin.zfill(14)] = (facts, code)
    return facts


def _choices(told: str | None) -> dict[str, Any]:
    """Return the options of a product: name -> list of values, or None where any text may be told."""
    found = json.loads(told) if told else None
    return found if isinstance(found, dict) else {}


def trade_facts(
    product_ids: Sequence[int],
    *,
    buyer_id: int | None,
    currency: str,
    at: datetime,
    with_stock: bool = True,
) -> dict[int, TradeFacts]:
    """Return terms per product, and free stock unless nobody is told of it; one that nobody sells is missing."""
    found = terms.of_products(product_ids, buyer_id=buyer_id, currency=currency, day=at.date())
    available: dict[int, int] = {}
    if found and with_stock:
        with acting_as(system("stock")):
            available = ports.stock().available(list(found))
    return {
        product_id: TradeFacts(
            factory_id=one.factory_id,
            lead_time_days=one.lead_time_days,
            min_quantity=one.min_quantity,
            order_multiple=one.order_multiple,
            max_quantity=one.max_quantity,
            breaks=one.breaks,
            available=available.get(product_id, 0),
            min_amount=one.min_amount,
        )
        for product_id, one in found.items()
    }
