"""What an operator says of a cycle it plans or extends."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orders.policies.cycle_policy import GIVEN_UP, OWNERS
from orders.policies.fair_share import POLICIES
from orders.policies.recurrence import DAYS, MONTH, WEEK
from orders.rest.shapes import fields


class RecurrenceInput(serializers.Serializer[Any]):
    """When the cycles that follow close: see the day rule of `every`; what is left out comes from the first cut-off."""

    every = serializers.ChoiceField([DAYS, WEEK, MONTH])
    interval = serializers.IntegerField(min_value=1, max_value=366, required=False)
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6), max_length=7, required=False
    )
    month_days = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=31), max_length=31, required=False
    )
    at = serializers.RegexField(r"^\d\d:\d\d(:\d\d)?$", required=False, help_text="local time of the cut-off")
    zone = serializers.CharField(max_length=40, required=False, help_text="IANA name, such as Asia/Shanghai")
    skip = serializers.ListField(
        child=serializers.RegexField(r"^\d{4}-\d\d-\d\d$"),
        max_length=400,
        required=False,
        help_text="holidays",
    )


class PolicyInput(serializers.Serializer[Any]):
    """What a cycle declares; what is left out is as declared by default."""

    fair_share = serializers.ChoiceField(list(POLICIES), required=False, help_text="how a shortage is shared")
    surplus = serializers.ChoiceField(
        list(OWNERS), required=False, help_text="who owns what rounding buys beyond the need"
    )
    given_up = serializers.ChoiceField(
        list(GIVEN_UP), required=False,
        help_text="of what a dealer gives up and nobody waits for: ask the factory to make less, or keep it in stock",
    )  # fmt: skip
    sharing = serializers.DictField(
        child=serializers.IntegerField(min_value=0), required=False,
        help_text="basis points of a saving for dealer, platform and factory; they sum to 10,000",
    )  # fmt: skip
    shortage = serializers.DictField(
        child=serializers.IntegerField(min_value=0), required=False,
        help_text="withdraw_hours, second_source_hours",
    )  # fmt: skip
    progress = serializers.DictField(
        child=serializers.IntegerField(min_value=1), required=False,
        help_text="fewest_dealers, every_minutes, parts, least_step",
    )  # fmt: skip


class CyclePolicyInput(PolicyInput):
    """What changes of the rules of a cycle; of a table in them only what is named changes."""

    window_days = serializers.IntegerField(
        min_value=1, max_value=366, required=False, allow_null=True, help_text="null pools all dates"
    )
    boxfill_at = serializers.DateTimeField(required=False, allow_null=True)
    following = serializers.BooleanField(
        required=False, help_text="change the cycle that is planned after this one alike"
    )
    reason = fields.text(400, help_text="kept in the history")


class StandingRulesInput(PolicyInput):
    """What new cycles of a `category`, or of everyone where it is empty, take over; what is left out stays."""

    category = fields.text(80)
    window_days = serializers.IntegerField(
        min_value=1, max_value=366, required=False, allow_null=True, help_text="null pools all dates"
    )
    recurrence = RecurrenceInput(required=False, allow_null=True)
    reason = fields.text(500, help_text="kept in the history")


class StandingRulesShape(serializers.Serializer[Any]):
    """What new cycles of a category take over, all where it is empty."""

    id = serializers.IntegerField()
    category = serializers.CharField()
    policy = serializers.DictField()
    window_days = serializers.IntegerField(allow_null=True)
    recurrence = serializers.DictField(allow_null=True)


class CyclePolicyShape(serializers.Serializer[Any]):
    """The declared rules of a cycle; they change until its cut-off, and `policy_hash` seals them at the freeze."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    fair_share = serializers.CharField(source="policy.fair_share")
    surplus = serializers.CharField(source="policy.surplus", default="PLATFORM")
    given_up = serializers.CharField(source="policy.given_up", default="ask")
    sharing = serializers.DictField(source="policy.sharing")
    shortage = serializers.DictField(source="policy.shortage", default=dict)
    progress = serializers.DictField(source="policy.progress", default=dict)
    window_days = serializers.IntegerField(allow_null=True)
    boxfill_at = serializers.DateTimeField(allow_null=True)
    policy_hash = serializers.CharField()


class CycleInput(serializers.Serializer[Any]):
    """A cycle of a `factory` or of a product `category`, one of them.

    `recurrence`, `window_days` and parts of `policy` that are left out are as the standing rules have them.
    """

    factory = fields.text(24, help_text="code of the factory")
    category = fields.text(80)
    warehouse = serializers.CharField(max_length=32, help_text="code of the site that takes the goods in")
    opens_at = serializers.DateTimeField()
    boxfill_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    cutoff_at = serializers.DateTimeField()
    region = fields.text(40)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, allow_blank=True, default="")
    recurrence = RecurrenceInput(
        required=False, allow_null=True, help_text="null for a cycle that does not repeat"
    )
    window_days = serializers.IntegerField(
        min_value=1, max_value=366, required=False, allow_null=True, help_text="null pools all dates"
    )
    policy = PolicyInput(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check that the cycle is of one thing."""
        if bool(attrs["factory"]) == bool(attrs["category"]):
            raise serializers.ValidationError({"factory": "name a factory or a category, and not both"})
        return attrs


class ExtendInput(serializers.Serializer[Any]):
    """Until when, and why."""

    cutoff_at = serializers.DateTimeField()
    reason = fields.text(400)
