"""A bulk order between its preview and its submission: carried by the page itself, sealed, nothing kept meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.core import signing

from b2b.core.actor import Actor
from b2b.core.errors import Invalid
from b2b.core.ids import uuid7
from orders.policies.raw_row import FIELDS, RawRow

SALT: Final = "orders.bulk_draft"
OWN_KEY: Final = "web-"
LONGEST: Final = 200
MAX_AGE_SECONDS: Final = 24 * 3600


class StaleDraft(Invalid):
    """This preview is too old or not yours; upload the list again."""

    code = "stale_draft"


@dataclass(frozen=True, slots=True)
class Draft:
    """The rows as entered, where they go, and a key under which they become an order at most once."""

    rows: tuple[RawRow, ...]
    site_code: str = ""
    reference: str = ""
    key: str = ""

    @classmethod
    def of(cls, rows: Sequence[RawRow], *, site_code: str, reference: str) -> Draft:
        """Start a draft with a key of its own."""
        return cls(tuple(rows), site_code, reference, f"{OWN_KEY}{uuid7().hex[-12:]}")

    def seal(self, actor: Actor) -> str:
        """Return the draft as text that only this platform can have written, for this organisation."""
        rows = [[row.number, *(row.get(name) for name in FIELDS)] for row in self.rows]
        body = [actor.organization_id, rows, self.site_code, self.reference, self.key]
        return signing.dumps(body, salt=SALT, compress=True)

    @classmethod
    def unseal(cls, text: str, actor: Actor) -> Draft:
        """Read a sealed draft back.

        :raises StaleDraft: when it was changed, is older than a day or belongs to another organisation.
        """
        try:
            owner, rows, site_code, reference, key = signing.loads(text, salt=SALT, max_age=MAX_AGE_SECONDS)
        except signing.BadSignature:
            raise StaleDraft from None
        if owner != actor.organization_id:
            raise StaleDraft
        return cls(tuple(_row(number, texts) for number, *texts in rows), site_code, reference, key)

    def edited(self, form: Mapping[str, Any]) -> Draft:
        """Apply what was changed in the preview: fields named `row-<number>-<field>`, and rows to leave out."""
        rows = tuple(_edit(row, form) for row in self.rows if f"row-{row.number}-drop" not in form)
        site_code = str(form.get("site", self.site_code))
        reference = str(form.get("reference", self.reference)).strip()[:80]
        return replace(self, rows=rows, site_code=site_code, reference=reference)

    @property
    def order_reference(self) -> str:
        """The dealer's own reference, or the draft's key, so that pressing twice orders once."""
        return self.reference or self.key


def _row(number: int, texts: Sequence[str]) -> RawRow:
    return RawRow(number, {name: text for name, text in zip(FIELDS, texts, strict=True) if text})


def _edit(row: RawRow, form: Mapping[str, Any]) -> RawRow:
    changes = {
        name: str(form[key])[:LONGEST].strip()
        for name in FIELDS
        if (key := f"row-{row.number}-{name}") in form
    }
    return RawRow(row.number, {**row.values, **changes}) if changes else row
