"""What is asked of suppliers, and what they offer."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.db.fields import CurrencyField, QuantityField, StatusField, UnitPriceField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization, Site
from orders import states
from orders.models.blanket import BlanketOrder
from orders.models.order import Order


class QuotationRequest(Document):
    """Lines that somebody should quote for until `deadline_at` by the database's clock (UBL RequestForQuotation).

    A dealer's request (`dealer` set) is answered by the platform; the platform's own by the factories it invited.
    `source` is the dealer's request for which the platform asks factories. Until it is unsealed, at the deadline or
    when all invited have answered, nobody but its author reads a factory's quotation.
    """

    machine = states.QUOTATION_REQUEST
    tenancy: ClassVar[dict[str, Any]] = {
        actor.DEALER: "dealer_id",
        actor.FACTORY: "invitations__factory_id",
    }

    dealer = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("dealer")
    )
    status = StatusField(states.QUOTATION_REQUEST, verbose_name=_("status"))
    title = models.CharField(_("title"), max_length=120)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    currency = CurrencyField(_("currency"))
    deadline_at = models.DateTimeField(_("deadline"))
    unsealed_at = models.DateTimeField(_("unsealed at"), null=True, blank=True)
    ship_to_site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ship to")
    )
    source = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("request for quotation")
        verbose_name_plural = _("requests for quotation")
        constraints = (models.UniqueConstraint(fields=["number"], name="quotation_request_number"),)
        indexes = (
            models.Index(fields=["dealer", "-created_at"], name="quotation_request_of_dealer"),
            models.Index(fields=["deadline_at"], condition=Q(status="ASKED"), name="quotation_request_asked"),
        )


class QuotationRequestLine(models.Model):
    """Base units of a product, or of something the catalogue does not have yet, told in words."""

    request = models.ForeignKey(QuotationRequest, models.PROTECT, related_name="lines")
    line_number = models.PositiveIntegerField(_("line"))
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product")
    )
    description = models.CharField(_("description"), max_length=300, blank=True)
    quantity = QuantityField(_("quantity"))
    need_by_date = models.DateField(_("needed by"), null=True, blank=True)

    class Meta:
        verbose_name = _("requested line")
        verbose_name_plural = _("requested lines")
        ordering = ("request", "line_number")
        constraints = (
            models.UniqueConstraint(fields=["request", "line_number"], name="one_requested_line_number"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="requested_line_wants_something"),
            models.CheckConstraint(
                condition=Q(product__isnull=False) | ~Q(description=""), name="requested_line_names_goods"
            ),
        )

    def __str__(self) -> str:
        return f"line {self.line_number}"


class QuotationInvitation(models.Model):
    """A factory that was asked, and whether it has answered."""

    class Answer(models.TextChoices):
        """What came back."""

        NONE = "NONE", _("No answer yet")
        QUOTED = "QUOTED", _("Quoted")
        DECLINED = "DECLINED", _("Declined")

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    request = models.ForeignKey(QuotationRequest, models.PROTECT, related_name="invitations")
    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("factory"))
    answer = models.CharField(_("answer"), max_length=8, choices=Answer.choices, default=Answer.NONE)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation to quote")
        verbose_name_plural = _("invitations to quote")
        constraints = (
            models.UniqueConstraint(fields=["request", "factory"], name="one_invitation_per_factory"),
        )

    def __str__(self) -> str:
        return f"{self.factory_id}: {self.answer}"


class Quotation(Document):
    """A supplier's offer (UBL Quotation): a factory's to the platform, or the platform's to a dealer.

    A factory's has `factory`, the platform's has `dealer`. `valid_until` is the last day on which it can be taken.
    `order` and `blanket_order` are what it became.
    """

    machine = states.QUOTATION
    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id", actor.FACTORY: "factory_id"}

    request = models.ForeignKey(QuotationRequest, models.PROTECT, related_name="quotations")
    factory = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("factory")
    )
    dealer = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("dealer")
    )
    status = StatusField(states.QUOTATION, verbose_name=_("status"))
    currency = CurrencyField(_("currency"))
    valid_until = models.DateField(_("valid until"))
    external_reference = models.CharField(_("supplier's reference"), max_length=80, blank=True)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    order = models.OneToOneField(Order, models.PROTECT, null=True, blank=True, related_name="quotation")
    blanket_order = models.OneToOneField(
        BlanketOrder, models.PROTECT, null=True, blank=True, related_name="quotation"
    )

    class Meta:
        verbose_name = _("quotation")
        verbose_name_plural = _("quotations")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="quotation_number"),
            models.UniqueConstraint(
                fields=["request", "factory"], name="one_quotation_per_supplier", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(dealer__isnull=True, factory__isnull=False)
                | Q(dealer__isnull=False, factory__isnull=True),
                name="quotation_has_one_other_party",
            ),
        )
        indexes = (
            models.Index(fields=["factory", "-created_at"], name="quotation_of_factory"),
            models.Index(fields=["dealer", "-created_at"], name="quotation_of_dealer"),
        )


class QuotationLine(models.Model):
    """An offer for a requested line; another product than the one asked for is an alternate.

    `supplier` is the factory that makes what the platform offers to a dealer.
    """

    quotation = models.ForeignKey(Quotation, models.PROTECT, related_name="lines")
    request_line = models.ForeignKey(QuotationRequestLine, models.PROTECT, related_name="offers")
    line_number = models.PositiveIntegerField(_("line"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    supplier = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    moq = QuantityField(_("minimum order quantity"), default=1)
    order_multiple = QuantityField(_("order multiple"), default=1)
    lead_time_days = models.PositiveIntegerField(_("lead time, days"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    awarded_quantity = QuantityField(_("awarded"), default=0)
    awarded_unit_price = UnitPriceField(_("awarded at"), null=True, blank=True)

    class Meta:
        verbose_name = _("quoted line")
        verbose_name_plural = _("quoted lines")
        ordering = ("quotation", "line_number")
        constraints = (
            models.UniqueConstraint(fields=["quotation", "line_number"], name="one_quoted_line_number"),
            models.UniqueConstraint(
                fields=["quotation", "request_line", "product"], name="one_offer_per_product"
            ),
            models.CheckConstraint(
                condition=Q(moq__gte=1, order_multiple__gte=1, awarded_quantity__gte=0),
                name="quoted_line_is_positive",
            ),
        )

    def __str__(self) -> str:
        return f"line {self.line_number}"


class QuotationBreak(models.Model):
    """The quoted price of a base unit from `min_quantity` base units upwards."""

    line = models.ForeignKey(QuotationLine, models.CASCADE, related_name="breaks")
    min_quantity = QuantityField(_("from quantity"), default=1)
    unit_price = UnitPriceField(_("unit price"))

    class Meta:
        verbose_name = _("quoted price")
        verbose_name_plural = _("quoted prices")
        ordering = ("min_quantity",)
        constraints = (
            models.UniqueConstraint(fields=["line", "min_quantity"], name="one_quoted_price_per_break"),
            models.CheckConstraint(
                condition=Q(min_quantity__gte=1, unit_price__gt=0), name="quoted_price_is_positive"
            ),
        )

    def __str__(self) -> str:
        return f"{self.min_quantity}+ at {self.unit_price}"
