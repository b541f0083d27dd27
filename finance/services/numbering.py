"""Take the next numbers of the series that a seller keeps for each dealer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from b2b.db import sequences
from b2b.directory.models import Organization
from finance.policies import numbering

NOBODY = 0  # the series of payments whose payer is not known yet


def take(kind: str, seller: Organization, parties: Iterable[int | None]) -> Sequence[int]:
    """Return a number for each document of a kind, by the party it is for; one statement, without gaps per party.

    :raises NoTransaction: outside a unit of work.
    """
    keys = [party or NOBODY for party in parties]
    taken = sequences.take_counts(f"{kind}:{seller.pk}", Counter(keys))
    left = {party: iter(values) for party, values in taken.items()}
    return [numbering.value_of(party, next(left[party])) for party in keys]
