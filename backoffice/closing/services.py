"""Closing a day or a shift, opening it again, and looking whether it still is as it was."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.closing import differences, figures, late, pumps
from backoffice.closing.figures import Figures
from backoffice.closing.gathering import Entries, Span, gather, thawed
from backoffice.models import Closing, ClosingLine, Reopening, Shift
from orders.errors import Refused
from stores.models import Store
from stores.setting_aside import UNMARKED, marked

_LONGEST = timedelta(days=200)  # after it nothing can be refunded or charged back any more
_OFTEN, _AGE_SHARE = timedelta(minutes=5), 20


@dataclass(frozen=True)
class Standing:
    """A day or a shift as it stands now."""

    entries: Entries
    figures: list[Figures]
    lines: list[ClosingLine]


def look(span: Span, *, day: date, shift: Shift | None = None) -> Standing:
    """Orders, payments, refunds and pumps of a span, and why they differ."""
    entries = gather(span)
    points = list(span.store.points_of_sale.order_by("name", "external_id").only("store", "name", "external_id"))
    sums = figures.add_up(entries, points, pumps.totals(span.store, day, shift))
    return Standing(entries, sums, differences.lines(span, entries, sums))


def close_day(store: Store, day: date, *, actor: str, early: bool = False) -> Closing:
    """Freeze a business day. `early` says that it is meant although the day is not over.

    Raises Refused when it is closed already, not over, or a shift of it still runs.
    """
    with transaction.atomic():
        store = _locked(store)
        begin, end = store.bounds(day)
        if timezone.now() < begin:
            raise Refused("not-begun", _("This day has not begun yet."))
        if not early and timezone.now() < end:
            raise Refused("not-over", _("This day is not over yet. Say so with the tick if it is meant."))
        if Shift.objects.filter(store=store, day=day, ended_at=None).exists():
            raise Refused("shift-runs", _("A shift of this day still runs: close it first."))
        return _freeze(Span(store, begin, end), day, None, actor)


def open_shift(store: Store, *, actor: str) -> Shift:
    """From now on. Raises Refused while another one runs."""
    with transaction.atomic():
        store, now = _locked(store), timezone.now()
        if running := Shift.objects.filter(store=store, ended_at=None).first():
            raise Refused(
                "shift-runs", _("The shift of %(name)s still runs: close it first.") % {"name": running.opened_by}
            )
        if Closing.objects.of(store, store.day_at(now)).in_force().exists():
            raise Refused("closed", _("This day is closed already: open it again first."))
        return Shift.objects.create(store=store, day=store.day_at(now), opened_at=now, opened_by=actor[:150])


def close_shift(shift: Shift, *, actor: str) -> Closing:
    """Freeze a shift, which ends now unless it ended before and was opened again."""
    with transaction.atomic():
        store = _locked(shift.store)
        shift = Shift.objects.get(pk=shift.pk)
        if shift.ended_at is None:
            shift.ended_at = timezone.now()
            shift.save()
        return _freeze(Span(store, shift.opened_at, shift.ended_at), shift.day, shift, actor)


@transaction.atomic
def reopen(closing: Closing, *, actor: str, reason: str) -> Reopening:
    """Open it again. What was closed stays as it is; closed anew it gets a further version."""
    store = _locked(closing.store)
    if not reason.strip():
        raise Refused("reason", _("Write why it is opened again."))
    if not Closing.objects.in_force().filter(pk=closing.pk).exists():
        raise Refused("open", _("It is open already."))
    if closing.shift and Closing.objects.of(store, closing.day).in_force().exists():
        raise Refused("closed", _("Its day is closed: open the day again first."))
    Closing.objects.filter(pk=closing.pk).update(differs=False, compare_at=None, **UNMARKED)
    return Reopening.objects.create(closing=closing, actor=actor[:150], reason=reason.strip()[:200])


def compare(closing: Closing) -> list[ClosingLine]:
    """What came after the close; whether there is any is noted, and when to look next."""
    news = late.news(thawed(closing.entries), gather(Span(closing.store, closing.begin, closing.end)))
    now, sums = timezone.now(), late.sums(news)
    changed: dict[str, Any] = {"differs": bool(news), "compare_at": _next_look(closing, now)}
    if sums != closing.late or bool(news) != closing.differs:  # else whoever set it aside knew of all this
        changed |= UNMARKED | {"late": sums, "differs_since": (closing.differs_since or now) if news else None}
    Closing.objects.in_force().filter(pk=closing.pk).update(**changed)
    for name, value in changed.items():
        setattr(closing, name, value)
    return news


def set_aside(closing: Closing, *, actor: str, reason: str) -> None:
    """A person has looked: it may differ. More news makes it wait for a person again."""
    if not Closing.objects.left_to_people().filter(pk=closing.pk).update(**marked(actor=actor, reason=reason)):
        raise Refused("decided", _("Nothing is to be decided about this close any more."))


def _next_look(closing: Closing, now: datetime) -> datetime | None:
    """Soon after the close, then ever less often."""
    age = now - closing.closed_at
    return None if age > _LONGEST else now + max(_OFTEN, age / _AGE_SHARE)


def _locked(store: Store) -> Store:
    """The lock of a store's closes: of two people who close at once the second one sees that it is closed."""
    return Store.objects.select_for_update(of=("self",), no_key=True).select_related("account").get(pk=store.pk)


def _freeze(span: Span, day: date, shift: Shift | None, actor: str) -> Closing:
    versions = list(Closing.objects.of(span.store, day, shift).select_related("reopening").defer("entries"))
    if closed := next((one for one in versions if not hasattr(one, "reopening")), None):
        raise Refused("closed", _("It is closed already, by %(name)s.") % {"name": closed.closed_by})
    standing, now = look(span, day=day, shift=shift), timezone.now()
    closing = Closing.objects.create(
        store=span.store, day=day, shift=shift, version=len(versions) + 1, begin=span.begin, end=span.end,
        currency=span.store.account.site.currency, figures=[one.frozen() for one in standing.figures],
        entries=standing.entries.frozen(), closed_by=actor[:150], closed_at=now, compare_at=now + _OFTEN,
    )  # fmt: skip
    for line in standing.lines:
        line.closing = closing
    ClosingLine.objects.bulk_create(standing.lines, batch_size=500)
    return closing
