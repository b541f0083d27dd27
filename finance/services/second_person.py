"""Two pairs of eyes: who proposed something does not let it happen as well."""

from __future__ import annotations

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden
from b2b.db.models import StatusChange
from finance.models import PayeeAccount, PaymentRun, Programme


class SamePerson(Forbidden):
    """Who proposed it cannot confirm it as well."""

    code = "same_person"


def insist(document: PayeeAccount | PaymentRun | Programme, *, by: Actor, verb: str = "propose") -> None:
    """Refuse whoever proposed the document by `verb`, also under another name.

    :raises SamePerson: for that person.
    """
    proposed = StatusChange.objects.filter(document_id=document.pk, verb=verb)
    if document.proposed_by == str(by)[:150] or (
        by.user_id is not None and proposed.filter(user_id=by.user_id).exists()
    ):
        raise SamePerson("who proposed it cannot confirm it as well")
