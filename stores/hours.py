"""Business hours: as people write them, and as Mercado Pago wants them (protocol.md §2)."""

import re
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

DAYS: Final = {
    "monday": _("Monday"),
    "tuesday": _("Tuesday"),
    "wednesday": _("Wednesday"),
    "thursday": _("Thursday"),
    "friday": _("Friday"),
    "saturday": _("Saturday"),
    "sunday": _("Sunday"),
}
_MOST = 4  # slots a day
_SLOT = re.compile(r"((?:[01]?\d|2[0-3]):[0-5]\d)\s*[-–]\s*((?:[01]?\d|2[0-3]):[0-5]\d)")

Slots = list[dict[str, str]]
Hours = dict[str, Slots]


def read_slots(text: str) -> Slots:
    """`08:00-13:00, 15:00-18:00` as slots; empty means closed."""
    slots = []
    for part in filter(None, re.split(r"[,;\s]+(?=\d)", re.sub(r"\s*[-–]\s*", "-", text.strip()))):
        match = _SLOT.fullmatch(part.strip(" ,;"))
        if not match:
            raise ValidationError(_("%(text)s: write hours like 08:00-13:00, 15:00-18:00."), params={"text": part})
        slots.append({"open": match[1].rjust(5, "0"), "close": match[2].rjust(5, "0")})
    return slots


def read(text: str) -> Hours:
    """`monday 08:00-18:00; saturday 09:00-13:00` as hours; `daily` and `monday-friday` name several days."""
    hours: Hours = {}
    for part in filter(None, (one.strip() for one in re.split(r"[;\n]", text))):
        days, _space, slots = part.partition(" ")
        for day in _days(days.lower().rstrip(":")):
            hours[day] = read_slots(slots)
    validate(hours)
    return hours


def write_slots(slots: Slots) -> str:
    return ", ".join(f"{slot['open']}-{slot['close']}" for slot in slots)


def write(hours: Hours) -> str:
    return "; ".join(f"{day} {write_slots(slots)}" for day, slots in hours.items())


def lines(hours: Hours) -> list[tuple[StrOrPromise, str]]:
    """For people: the weekdays that have any, in the week's order, with their slots."""
    return [(label, write_slots(hours[day])) for day, label in DAYS.items() if day in hours]


def is_open(hours: Hours, moment: datetime) -> bool:
    """At this moment by the store's own clock. Without any hours it is never closed."""
    slots = hours.get(list(DAYS)[moment.weekday()], [])
    return not hours or any(slot["open"] <= f"{moment:%H:%M}" <= slot["close"] for slot in slots)


def validate(hours: Any) -> None:
    """Refuse what Mercado Pago would: other days, more than four slots, slots that end before they begin."""
    if not isinstance(hours, dict):
        raise ValidationError(_("Business hours are an object: weekdays with their slots."))
    for day, slots in hours.items():
        if day not in DAYS:
            raise ValidationError(_("%(day)s is no weekday: monday, tuesday, …"), params={"day": day})
        _validate_day(day, slots)


def _validate_day(day: str, slots: Any) -> None:
    if not isinstance(slots, list) or not all(_is_slot(slot) for slot in slots):
        raise ValidationError(_("%(day)s: write hours like 08:00-13:00, 15:00-18:00."), params={"day": DAYS[day]})
    if len(slots) > _MOST:
        raise ValidationError(_("%(day)s: Mercado Pago takes at most four slots a day."), params={"day": DAYS[day]})
    moments = [moment for slot in slots for moment in (slot["open"], slot["close"])]
    if any(a >= b for a, b in pairwise(moments)):
        text = _("%(day)s: each slot must end after it begins, and before the next one; till midnight is 23:59.")
        raise ValidationError(text, params={"day": DAYS[day]})


def _is_slot(slot: Any) -> bool:
    return (
        isinstance(slot, dict)
        and set(slot) == {"open", "close"}
        and bool(_SLOT.fullmatch(f"{slot['open']}-{slot['close']}"))
    )


def _days(text: str) -> list[str]:
    names = list(DAYS)
    if text == "daily":
        return names
    first, _dash, last = text.partition("-")
    found = [[day for day in names if len(part) >= 3 and day.startswith(part)] for part in (first, last or first)]
    if not all(found):
        raise ValidationError(_("%(day)s is no weekday: monday, tuesday, …"), params={"day": text})
    begin, end = (names.index(days[0]) for days in found)
    return names[begin : end + 1] if begin <= end else names[begin:] + names[: end + 1]
