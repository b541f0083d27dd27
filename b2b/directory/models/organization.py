"""A party to the trade."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import CurrencyField
from b2b.directory.validators import (
    validate_gln,
    validate_gs1_prefix,
    validate_lei,
    validate_uscc,
    validate_vat,
)


class Organization(models.Model):
    """A dealer, factory, carrier, funder or the operator of the platform.

    Never deleted, only archived. `group` is the head of a group of companies, null for one that stands alone;
    credit exposure is counted by group. `pseudonym` is how competitors and factories see a dealer.
    """

    class Kind(models.TextChoices):
        """What the organisation does on the platform."""

        DEALER = actor.DEALER, _("Dealer")
        FACTORY = actor.FACTORY, _("Factory")
        CARRIER = actor.CARRIER, _("Carrier")
        FUNDER = actor.FUNDER, _("Funder")
        OPERATOR = actor.OPERATOR, _("Operator")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    code = models.SlugField(_("code"), max_length=24, unique=True)
    name = models.CharField(_("name"), max_length=200)
    pseudonym = models.CharField(_("pseudonym"), max_length=40, blank=True)
    group = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    country = models.CharField(_("country"), max_length=2, default="CN", help_text=_("ISO 3166-1 alpha-2"))
    currency = CurrencyField(_("currency"))
    payment_terms_days = models.PositiveIntegerField(_("payment terms, days"), default=30)
    uscc = models.CharField(
        _("unified social credit code"), max_length=18, blank=True, validators=[validate_uscc]
    )
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True, validators=[validate_vat])
    lei = models.CharField(_("LEI"), max_length=20, blank=True, validators=[validate_lei])
    gln = models.CharField(_("GLN"), max_length=13, blank=True, validators=[validate_gln])
    gs1_prefix = models.CharField(
        _("GS1 company prefix"), max_length=12, blank=True, validators=[validate_gs1_prefix],
        help_text=_("what its own GTINs and SSCCs begin with"),
    )  # fmt: skip
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        indexes = (models.Index(fields=["kind", "code"], name="organization_by_kind"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
