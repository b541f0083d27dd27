"""Who has to agree before an order is binding, and who did."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Membership, Organization, Site, User
from orders import states
from orders.models.order import Order
from orders.models.purchase import PurchaseOrder

_TENANCY: dict[str, Any] = {actor.DEALER: "organization_id"}


class ApprovalRule(models.Model):
    """From which net amount on somebody of the organisation has to approve; lower tiers decide first.

    The amount is that of the lines in `category` and for `site`, of all lines when they are empty. An empty currency
    fits every currency. A dealer's rules are for its orders, the operator's for purchase orders.
    """

    tenancy: ClassVar[dict[str, Any]] = _TENANCY

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    name = models.CharField(_("name"), max_length=80)
    tier = models.PositiveSmallIntegerField(_("tier"), default=1)
    amount_from = AmountField(_("from net amount"), default=0)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    category = models.CharField(_("category"), max_length=80, blank=True)
    site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("site")
    )
    role = models.CharField(
        _("approved by the role"), max_length=8, choices=Membership.Role.choices, blank=True
    )
    approver = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    allow_requester = models.BooleanField(_("the requester may approve"), default=False)
    remind_after_hours = models.PositiveSmallIntegerField(_("remind after hours"), default=24)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval rule")
        verbose_name_plural = _("approval rules")
        constraints = (
            models.CheckConstraint(
                condition=(Q(role="") & Q(approver__isnull=False)) | (~Q(role="") & Q(approver__isnull=True)),
                name="approval_rule_names_role_or_person",
            ),
            models.CheckConstraint(
                condition=Q(amount_from__gte=0, tier__gte=1, remind_after_hours__gte=1),
                name="approval_rule_is_positive",
            ),
        )
        indexes = (models.Index(fields=["organization", "tier"], name="approval_rule_of_organization"),)

    def __str__(self) -> str:
        return self.name


class ApprovalSubstitute(models.Model):
    """Who decides for somebody who is away, from the first to the last day."""

    tenancy: ClassVar[dict[str, Any]] = _TENANCY

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    approver = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who is away"))
    substitute = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who decides"))
    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("to"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("substitute")
        verbose_name_plural = _("substitutes")
        constraints = (
            models.CheckConstraint(
                condition=Q(to_date__gte=F("from_date")), name="substitution_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=~Q(approver=F("substitute")), name="nobody_substitutes_himself"),
        )
        indexes = (models.Index(fields=["substitute", "to_date"], name="substitution_by_substitute"),)

    def __str__(self) -> str:
        return f"{self.substitute} for {self.approver}"


class ApprovalStep(Document):
    """One approval that an order, or a purchase order, waits for; it keeps what the rule said when it was asked.

    `requester_id` and `decided_by_id` are users, null for a machine and for the platform itself. `changes` are the
    quantities the approver changed, by line number: [before, after] in base units.
    """

    machine = states.APPROVAL_STEP
    tenancy: ClassVar[dict[str, Any]] = _TENANCY

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    rule = models.ForeignKey(ApprovalRule, models.PROTECT, related_name="+", verbose_name=_("rule"))
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="approvals")
    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, null=True, related_name="approvals")
    status = StatusField(states.APPROVAL_STEP, verbose_name=_("status"))
    tier = models.PositiveSmallIntegerField(_("tier"))
    amount = AmountField(_("net amount"))
    currency = models.CharField(_("currency"), max_length=3)
    role = models.CharField(_("role"), max_length=8, blank=True)
    approver = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("approver")
    )
    allow_requester = models.BooleanField(default=False)
    requester_id = models.BigIntegerField(null=True)
    requester_name = models.CharField(_("asked by"), max_length=150)
    remind_at = models.DateTimeField(_("remind at"), null=True)
    reminded_at = models.DateTimeField(_("reminded at"), null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_by_name = models.CharField(_("decided by"), max_length=150, blank=True)
    changes = models.JSONField(_("changes"), default=dict)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = (
            models.CheckConstraint(
                condition=Q(order__isnull=True, purchase_order__isnull=False)
                | Q(order__isnull=False, purchase_order__isnull=True),
                name="approval_is_of_one_document",
            ),
            models.UniqueConstraint(fields=["number"], name="approval_number"),
        )
        indexes = (
            models.Index(fields=["organization", "status"], name="approval_of_organization"),
            models.Index(fields=["remind_at"], condition=Q(status="PENDING"), name="approval_to_remind"),
        )
