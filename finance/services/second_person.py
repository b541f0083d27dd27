"""Two pairs of eyes: who proposed something does not let it happen as well."""

from __future__ import annotations

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden
from b2b.db.models import StatusChange
from finance.models import PayeeAccount, PaymentRun


class SamePerson(Forbidden):
    """Who proposed it cannot confirm it as well."""

    code = "same_person"


def insist(document: PayeeAccount | PaymentRun, *, by: Actor) -> None:
    """Refuse whoever proposed the document, also under another name.

    :raises SamePerson: for that person.
    """
    proposed = StatusChange.objects.filter(document_id=document.pk, verb="propose")
    if document.proposed_by == str(by)[:150] or (
        by.user_id is not None and proposed.filter(user_id=by.user_id).exists()
    ):
        raise SamePerson("who proposed it cannot confirm it as well")
