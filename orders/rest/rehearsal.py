"""Rehearsals over the API, and why a signal asks for what it asks: computed again, and with other figures."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from b2b.core.actor import FACTORY, OPERATOR, Actor
from b2b.core.errors import NotFound
from b2b.directory.selectors import organization
from b2b.http.views import ApiView, CommandView, ListView
from orders.policies import signal_reason
from orders.rest.shapes.rehearsal import RehearsalInput, RehearsalShape, SignalReasonsShape
from orders.selectors import planning, rehearsal, supply
from orders.services import rehearsal as services


class Rehearsals(ListView, CommandView):
    """List rehearsals; POST plays past demand of a factory's buffers with changed profiles beside the present ones."""

    scope, kinds = "orders", {OPERATOR}
    selector = rehearsal.rehearsals
    serializer = output = RehearsalShape
    input, status = RehearsalInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Play it.

        :raises NotFound: when there is no such factory.
        """
        found = organization.visible(by).filter(kind=FACTORY, code=data["factory"]).first()
        if found is None:
            raise NotFound(f"there is no factory {data['factory']}")
        changes = {name: value for name, value in data.items() if name not in ("factory", "days")}
        return services.past(found, days=data["days"], changes=changes, by=by, at=at)


class SignalReasons(ApiView):
    """Show why each line of a signal asks for what it asks, and whether the same comes out of it again."""

    scope, kinds = "orders", {OPERATOR}
    selector = supply.production_signals

    @extend_schema(responses=SignalReasonsShape)
    def get(self, request: Request, signal_id: UUID) -> Response:
        """Compute it again."""
        reasons = planning.reasons(self.actor, self.find())
        lines = [
            {
                "line_number": one.line.line_number,
                "inputs": json.loads(one.inputs),
                "result": signal_reason.result_of(json.loads(one.inputs)),
                "is_same": signal_reason.recompute(one.inputs) == one.result_hash,
            }
            for one in reasons
        ]
        return Response(self.present(SignalReasonsShape, {"lines": lines}))
