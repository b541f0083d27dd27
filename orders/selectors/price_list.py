"""Price lists as they are read: agreements an actor may know, and what a dealer pays for what it may buy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from b2b.catalog.models import Product
from b2b.catalog.selectors import product
from b2b.core import clock
from b2b.core.actor import DEALER, Actor
from b2b.directory.models import BuyerGroupMembership, Organization
from orders.models import OrderRule, PriceAgreement, SupplySource, TermsChange
from orders.selectors import terms
from orders.selectors.terms import Terms


@dataclass(frozen=True, slots=True)
class Priced:
    """A product a dealer may buy, and on what terms."""

    product: Product
    terms: Terms


def agreements(actor: Actor) -> QuerySet[PriceAgreement]:
    """Return the agreements an actor may know, with their breaks: a dealer's are for itself, its groups, everyone."""
    found = PriceAgreement.objects.select_related("seller", "buyer", "buyer_group", "product")
    return _open_to(actor, found).prefetch_related("breaks")


def rules(actor: Actor) -> QuerySet[OrderRule]:
    """Return the order rules an actor may know, by the same rule as agreements."""
    found = OrderRule.objects.select_related("seller", "buyer", "buyer_group", "product")
    return _open_to(actor, found)


def changes(actor: Actor, subject: str, *subject_ids: int) -> QuerySet[TermsChange]:
    """Return who changed agreements, rules, sources, handling or approvals when, latest first; a party's own."""
    found = TermsChange.objects.visible_to(actor).filter(subject=subject, subject_id__in=subject_ids)
    return found.order_by("-pk")


def _open_to(actor: Actor, rows: QuerySet) -> QuerySet:  # type: ignore[type-arg]
    if actor.kind != DEALER:
        return rows.visible_to(actor)  # type: ignore[attr-defined,no-any-return]
    today = clock.now().date()
    groups = BuyerGroupMembership.objects.visible_to(actor).filter(live(today)).values("group_id")
    return rows.filter(Q(buyer_id=actor.organization_id) | Q(audience=0) | Q(buyer_group_id__in=groups))


def live(day: date) -> Q:
    """Return the condition that something with `valid_from` and `valid_to` holds on a day."""
    return Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gte=day))


def on_sale(actor: Actor, *, currency: str, day: date) -> QuerySet[Product]:
    """Return the products that somebody sells to the actor in this currency on this day, by SKU."""
    offered = _open_to(actor, PriceAgreement.objects.filter(live(day), currency=currency)).filter(
        product=OuterRef("pk"),
        seller__in=SupplySource.objects.filter(is_active=True, product=OuterRef("product")).values("factory"),
    )
    return product.active(actor).filter(Exists(offered)).order_by("sku")


def priced(products: Iterable[Product], *, dealer: Organization, currency: str, at: datetime) -> list[Priced]:
    """Return what a dealer pays for products, in their order, in one query. The caller may act for the dealer."""
    wanted = list(products)
    found = terms.of_products(
        (one.pk for one in wanted), buyer_id=dealer.pk, currency=currency, day=at.date()
    )
    return [Priced(one, found[one.pk]) for one in wanted if one.pk in found]


def as_rows(found: QuerySet[PriceAgreement]) -> list[tuple[object, ...]]:
    """Return agreements as rows of a price list file, one a break, under the columns that the import takes."""
    return list(
        found.prefetch_related(None)
        .order_by("product__sku", "pk", "breaks__min_quantity")
        .values_list(
            "seller__code", "buyer__code", "buyer_group__code", "product__sku", "currency", "priority",
            "valid_from", "valid_to", "breaks__min_quantity", "breaks__unit_price",
        )
    )  # fmt: skip
