"""How amounts, quantities, moments and statuses are written on a page."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _

from b2b.core.money import exponent, round_to_currency

NOTHING = "–"

# What a status means to the reader, whichever machine it belongs to.
TONES = {
    "good": "done confirmed delivered closed received paid settled matched issued published active packed posted"
    " resolved completed invoiced booked fulfilled committed accepted stated agreed approved awarded"
    " credited disposed shared authorised",
    "busy": "open pooled sent placed shipped departed en_route in_transit planned released picking packing ready"
    " partly_shipped partly_delivered partly_paid partly_received acknowledged advised expected pending running"
    " boxfill frozen loading staged started partly_confirmed shipping allocated asked unsealed submitted"
    " requested tendered invited offered",
    "warn": "awaiting_approval short partly disputed due waiting unmatched held paused overdue review investigating"
    " partly_accepted",
    "bad": "declined cancelled rejected failed parked lost refused void expired revoked suspended"
    " withdrawn lapsed",
}
_TONE_OF = {status: tone for tone, statuses in TONES.items() for status in statuses.split()}


def quantity(value: int | None) -> str:
    """Write a whole number with the reader's thousands separator."""
    return NOTHING if value is None else number_format(value, force_grouping=True)


def money(amount: Decimal | None, currency: str) -> str:
    """Write an amount at its currency's precision, the currency behind it."""
    if amount is None:
        return NOTHING
    text = number_format(
        round_to_currency(amount, currency), decimal_pos=exponent(currency), force_grouping=True
    )
    return f"{text} {currency}"


def price(amount: Decimal | None, currency: str) -> str:
    """Write a unit price, with the decimals it has beyond the currency's precision."""
    if amount is None:
        return NOTHING
    decimals = max(exponent(currency), -int(amount.normalize().as_tuple().exponent))
    return f"{number_format(amount, decimal_pos=decimals, force_grouping=True)} {currency}"


def day(value: date | None) -> str:
    """Write a date."""
    return NOTHING if value is None else date_format(value, "j M Y")


def moment(value: datetime | None) -> str:
    """Write a moment to the minute, in the reader's time zone."""
    return NOTHING if value is None else date_format(timezone.localtime(value), "j M Y, H:i")


def left(until: datetime, now: datetime) -> str:
    """Write how long it is until a moment, or how long ago it was."""
    if until >= now:
        return _("in %(time)s") % {"time": timeuntil(until, now)}
    return _("%(time)s ago") % {"time": timesince(until, now)}


def tone_of(status: str) -> str:
    """Return good, busy, warn, bad or nothing for a status."""
    return _TONE_OF.get(status.lower(), "")


def badge(status: str, label: Any = "") -> SafeString:
    """Show a status as a coloured word; the word carries the meaning, the colour only helps."""
    text = label or status.replace("_", " ").capitalize()
    return format_html('<span class="ms-badge" data-tone="{}">{}</span>', tone_of(status), text)


def link(text: Any, url: str) -> SafeString:
    """Link a text."""
    return format_html('<a class="ms-link" href="{}">{}</a>', url, text)


def code(text: Any) -> SafeString:
    """Show a key or a code in fixed-width letters."""
    return format_html("<code>{}</code>", text)


def mono(text: Any) -> SafeString:
    """Show a number that must not wrap."""
    return format_html('<span class="ms-number">{}</span>', text)


def two_lines(first: Any, second: Any) -> SafeString:
    """Show a value with a quieter one below it."""
    return format_html('{}<br><span class="ms-quiet">{}</span>', first, second)


def progress(done: int, whole: int, label: str) -> SafeString:
    """Show a bar that is full when `done` reaches `whole`, and the same in words."""
    share = 0 if whole <= 0 else min(100, 100 * done // whole)
    return format_html(
        '<span class="ms-progress" role="img" aria-label="{}"><svg viewBox="0 0 100 4" preserveAspectRatio="none">'
        '<rect width="{}" height="4"/></svg></span>',
        label,
        share,
    )


def kilograms(grams: int) -> str:
    """Write grams as kilograms with one decimal."""
    return number_format(Decimal(grams) / 1000, decimal_pos=1, force_grouping=True)


def kilometres(metres: int) -> str:
    """Write metres as kilometres with one decimal."""
    return number_format(Decimal(metres) / 1000, decimal_pos=1, force_grouping=True)


def amount(value: Decimal | None, currency: str) -> str:
    """Write an amount without its currency, for a column whose heading names it."""
    return NOTHING if value is None else money(value, currency).removesuffix(f" {currency}")


def unit_price(value: Decimal | None, currency: str) -> str:
    """Write a unit price without its currency, for a column whose heading names it."""
    return NOTHING if value is None else price(value, currency).removesuffix(f" {currency}")


def percent(fraction: Decimal) -> str:
    """Write a fraction as a percentage."""
    return f"{number_format((fraction * 100).normalize(), use_l10n=True)} %"
