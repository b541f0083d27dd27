"""A price list that a factory proposes and the operator puts in force."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import StatusField
from b2b.db.models import Document
from b2b.directory.models import Organization
from orders import states


class PriceProposal(Document):
    """Rows of a price list as the factory sent them; `rows` are pairs of row number and texts by column."""

    machine = states.PRICE_PROPOSAL
    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "seller_id"}

    seller = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("factory"))
    status = StatusField(states.PRICE_PROPOSAL, verbose_name=_("status"))
    rows = models.JSONField(_("rows"), default=list)
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    agreement_count = models.PositiveIntegerField(_("agreements"), default=0)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("price proposal")
        verbose_name_plural = _("price proposals")
        constraints = (models.UniqueConstraint(fields=["number"], name="one_price_proposal_number"),)
        indexes = (models.Index(fields=["seller", "-created_at"], name="price_proposal_of_seller"),)
