"""A day or a shift as it is shown: on a page, as PDF and as CSV the same words and figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import prefetch_related_objects
from django.utils.functional import cached_property

from backoffice.closing import figures, returned, services
from backoffice.closing.figures import Figures
from backoffice.closing.gathering import Span
from backoffice.closing.returned import Returned
from backoffice.models import Closing, ClosingLine, Shift
from stores import times
from stores.amounts import writer
from stores.models import Store


@dataclass
class Statement:
    """`closing` is None as long as it is open: then everything is as it stands now."""

    store: Store
    day: date
    shift: Shift | None
    begin: datetime
    end: datetime
    closing: Closing | None
    rows: list[Figures]
    lines: list[ClosingLine]
    news: list[ClosingLine] = field(default_factory=list)

    @cached_property
    def total(self) -> Figures:
        return figures.total(self.rows)

    @cached_property
    def _returned(self) -> Mapping[int, Returned]:
        return returned.returned([*self.lines, *self.news])

    def gone_back(self, line: ClosingLine) -> Returned | None:
        """What of its order's surplus went back by now; None for a line that is of no surplus."""
        return self._returned.get(line.order_id or 0) if returned.applies_to(line) else None

    @property
    def currency(self) -> str:
        return self.closing.currency if self.closing else self.store.account.site.currency

    def money(self, amount: Decimal | None) -> str:
        """For people, in their language and with the decimals of the country."""
        return "–" if amount is None else self._write(amount)

    @cached_property
    def _write(self) -> Callable[[Decimal], str]:
        return writer(self.store.account.site)

    def moment(self, at: datetime | None) -> str:
        """By the store's clock."""
        return "–" if at is None else times.written(at, self.store.tz)


def state(
    store: Store, day: date, *, shift: Shift | None = None, end: datetime | None = None, version: int | None = None
) -> Statement:
    """As it was closed, with what came since; or as it stands now. `version` names a close that was opened again.

    `end` is that of a shift which still runs. Raises Closing.DoesNotExist for a version that there is not.
    """
    closings = Closing.objects.of(store, day, shift).select_related("store")
    closing = closings.in_force().first() if version is None else closings.get(version=version)
    if closing is None:
        begin, last = (shift.opened_at, shift.ended_at or end) if shift else store.bounds(day)
        assert last is not None  # noqa: S101 - whoever shows a running shift says until when
        now = services.look(Span(store, begin, last), day=day, shift=shift)
        return Statement(store, day, shift, begin, last, None, now.figures, _with_names(now.lines))
    news = services.compare(closing) if not hasattr(closing, "reopening") else []
    rows = [figures.thawed(one) for one in closing.figures]
    lines = list(closing.lines.all())
    return Statement(
        store, day, shift, closing.begin, closing.end, closing, rows, _with_names(lines), _with_names(news)
    )


def _with_names(lines: Sequence[ClosingLine]) -> list[ClosingLine]:
    found = list(lines)
    prefetch_related_objects(found, "pos", "order", "payment", "refund__payment")
    return found
