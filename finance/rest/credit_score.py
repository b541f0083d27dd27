"""Credit scores, for the party they are of and for the operator, who has them made."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from b2b.core.actor import DEALER, FACTORY, OPERATOR, Actor
from b2b.core.errors import Invalid, Problem
from b2b.directory.selectors import organization
from b2b.http.views import CommandView, ListView
from finance.selectors import score_record
from finance.services import scoring


class CreditScoreShape(serializers.Serializer[Any]):
    """Points of 100 and a grade, with all they were made of; the heaviest reason stands first."""

    id = serializers.IntegerField()
    party = serializers.CharField(source="party.code")
    points = serializers.IntegerField()
    grade = serializers.CharField()
    inputs = serializers.DictField(child=serializers.IntegerField())
    reasons = serializers.ListField(child=serializers.CharField())
    rule_version = serializers.CharField()
    scored_at = serializers.DateTimeField()


class AssessInput(serializers.Serializer[Any]):
    """Which dealer or factory to assess."""

    party = serializers.CharField(max_length=24)


class CreditScores(ListView, CommandView):
    """List credit scores, the newest first; POST assesses a party from what the platform has seen (operator)."""

    scope, kinds = "finance", frozenset({DEALER, FACTORY, OPERATOR})
    write_kinds = frozenset({OPERATOR})
    selector = score_record.scores
    serializer = output = CreditScoreShape
    input = AssessInput

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Assess it."""
        party = organization.visible(by).filter(kind__in=(DEALER, FACTORY), code=data["party"]).first()
        if party is None:
            raise Invalid(problems=[Problem("unknown_party", "there is no such party", pointer="/party")])
        return scoring.assess(party, by=by, at=at)
