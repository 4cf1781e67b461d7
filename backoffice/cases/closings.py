"""Cases about closed days and shifts: something came after the close, and its figures do not say so."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.cases.story import RANK_DOUBT, Action, Source, Story, by_name, fingerprint, moment, money
from backoffice.closing import services
from backoffice.models import Closing, LineKind, Reopening


class ClosingSource(Source[Closing]):
    """They leave when they are opened again, set aside, or as they were again. More news brings them back."""

    name, permission = "closing", "backoffice.view_closing"
    kinds = {"closing": (gettext_lazy("closed day or shift that differs now"), RANK_DOUBT)}
    set_aside_permissions = ("backoffice.add_closing",)

    def live(self) -> QuerySet[Closing]:
        rows = Closing.objects.left_to_people().select_related("store__account", "shift")
        return rows.defer("entries", "figures")

    def lock(self, object_id: int) -> None:
        Closing.objects.filter(pk=object_id).select_for_update(no_key=True).only("pk").first()

    def place(self, row: Closing) -> tuple[int | None, int]:
        return row.store_id, row.store.account_id

    def label(self, row: Closing) -> str:
        day = row.day.isoformat()
        return f"{day} · {row.shift.opened_by}" if row.shift else day

    def since(self, row: Closing) -> datetime:
        return row.differs_since or timezone.now()

    def story(self, row: Closing) -> Story:
        return Story(
            url=_page(row),
            sentences=[_closed(row), *_late(row)],
            proposal=_(
                "Look at what came after the close. If the figures must hold it, open the day or shift again and close "
                "it anew; if they may stay as they are, set it aside."
            ),
            facts=fingerprint(row.version, sorted(row.late.items())),
            actions=[Action("compare", _("Compare again"), (), by_name(_compare, row), False)],
            currency=row.currency,
        )

    def set_aside(self, row: Closing, *, actor: str, reason: str) -> None:
        services.set_aside(row, actor=actor, reason=reason)

    def who(self, object_id: int, kind: str) -> tuple[str, str] | None:
        again = Reopening.objects.filter(closing=object_id).first()
        return (again.actor, again.reason) if again else None


def _page(row: Closing) -> str:
    where = [row.store_id, row.day.isoformat()]
    if row.shift_id:
        return reverse("admin:closing_shift", args=[*where, row.shift_id])
    return reverse("admin:closing_day", args=where)


def _closed(row: Closing) -> str:
    values = {
        "day": date_format(row.day, "DATE_FORMAT"),
        "name": row.closed_by,
        "at": moment(row.closed_at, row.store.tz),
        "who": row.shift.opened_by if row.shift else "",
    }
    if row.shift:
        return _("The shift of %(who)s on %(day)s was closed by %(name)s, %(at)s. News came afterwards.") % values
    return _("%(day)s was closed by %(name)s, %(at)s. News came afterwards.") % values


def _late(row: Closing) -> Iterator[str]:
    for kind, (count, amount) in row.late.items():
        label = LineKind(kind).label if kind in LineKind.values else kind
        yield f"{label}: {count} · {money(Decimal(amount), row.store.account.site)}"


def _compare(closing: Closing, **_who: Any) -> None:
    services.compare(Closing.objects.select_related("store__account").get(pk=closing.pk))
