"""The page of a day or of a shift: its figures, why they differ, and what can be done."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.closing import pumps, services, sheet, statement, words
from backoffice.closing.gathering import Span
from backoffice.closing.statement import Statement
from backoffice.models import Closing, ClosingLine, Shift
from backoffice.pages.base import day_of, demand, page, store_of
from backoffice.pages.pump_form import PumpForm
from backoffice.settlement import fees
from orders.errors import Refused
from stores.models import Store

_MOST_LINES = 200  # on the page; the CSV has all
_CLOSES, _SHIFTS, _REOPENS = "backoffice.add_closing", "backoffice.add_shift", "backoffice.add_reopening"


def _pdf(statement: Statement) -> bytes:
    from backoffice.closing import pdf  # its library is loaded by who asks for paper

    return pdf.write(statement)


_WRITERS: Mapping[str, tuple[str, Callable[[Statement], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", sheet.write),
    "pdf": ("application/pdf", _pdf),
}


def day_view(request: HttpRequest, store: int, day: str, shift: int | None = None) -> HttpResponse:
    """GET shows it; POST closes, opens again, or takes what the pumps say."""
    demand(request, "backoffice.view_closing")
    at, on = store_of(request, store), day_of(day)
    one = _shift(at, on, shift)
    if request.method != "POST":
        return _show(request, at, on, one)
    form = PumpForm(at, on, one, request.POST)
    if request.POST.get("action") == "hand_in" and not form.is_valid():
        return _show(request, at, on, one, form)
    return _do(request, at, on, one, form)


def file_view(request: HttpRequest, store: int, day: str, form: str, shift: int | None = None) -> HttpResponse:
    """As a file; `?version=` is that of a close that was opened again."""
    demand(request, "backoffice.view_closing")
    at, on = store_of(request, store), day_of(day)
    if form not in _WRITERS:
        raise Http404
    shown = _statement(at, on, _shift(at, on, shift), request.GET.get("version"))
    media_type, write = _WRITERS[form]
    part = f"-shift-{shift}" if shift else ""
    headers = {
        "Content-Disposition": f'attachment; filename="closing-{at.external_id}-{on}{part}.{form}"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(write(shown), content_type=media_type, headers=headers)


def _show(
    request: HttpRequest, store: Store, day: date, shift: Shift | None, form: PumpForm | None = None
) -> HttpResponse:
    shown = _statement(store, day, shift, request.GET.get("version"))
    begins, ends = store.bounds(day)
    now = timezone.now()
    versions = Closing.objects.of(store, day, shift).select_related("reopening").defer("entries", "figures")
    shifts = Shift.objects.filter(store=store, day=day).prefetch_related("closings__reopening")
    yesterday, tomorrow = (day + timedelta(days=n) for n in (-1, 1))
    return page(
        request, "backoffice/closing_day.html", words.title(shown), store=store, day=day, shift=shift, shown=shown,
        facts=list(words.facts(shown)), columns=words.columns(),
        rows=[_row(words.cells(shown, row)) for row in shown.rows], whole=_row(words.cells(shown, shown.total)),
        groups=[_group(shown, _("Differences"), shown.lines), _group(shown, _("After the close"), shown.news)],
        most=_MOST_LINES, versions=[_version(shown, one) for one in versions.order_by("version")],
        shifts=[(one, shown.moment(one.opened_at), shown.moment(one.ended_at)) for one in shifts],
        is_old=shown.closing is not None and hasattr(shown.closing, "reopening"),
        is_over=now >= ends, is_now=begins <= now < ends, runs=bool(shift and shift.ended_at is None),
        form=form or PumpForm(store, day, shift), left=_left(shown), **_fees(shown),
        earlier=yesterday, later=tomorrow if store.bounds(tomorrow)[0] <= now else None,
        may={"close": request.user.has_perm(_SHIFTS if shift else _CLOSES), "reopen": request.user.has_perm(_REOPENS),
             "shift": request.user.has_perm(_SHIFTS), "hand_in": _may_hand_in(request)},
    )  # fmt: skip


def _row(cells: Sequence[str]) -> SafeString:
    """Of a table that has one for each of hundreds of pumps: a template takes twice as long."""
    cell = '<td data-label="{}">{}</td>'  # on a phone the row is a card (closing.css)
    pairs = [text for pair in zip(words.columns()[1:], cells[1:], strict=True) for text in pair]
    return format_html(f'<tr><th scope="row">{{}}</th>{cell * (len(cells) - 1)}</tr>', cells[0], *pairs)


def _fees(shown: Statement) -> dict[str, Any]:
    """By point of sale and together, when a report told of any."""
    rows = fees.of_span(Span(shown.store, shown.begin, shown.end))
    whole, money = fees.total(rows), shown.money
    texts = [
        (row.name or _("Total"), row.payments, money(row.gross), money(row.fees), money(row.taxes), money(row.net))
        for row in (*rows, whole)
    ]
    known = _("Known of %(known)s of the %(all)s payments, from settlement reports. It is not part of the close.")
    counts = {"known": whole.payments, "all": shown.total.payments}
    return {"fees": texts if rows else [], "fees_known": known % counts}


def _left(shown: Statement) -> str:
    """Who has looked at the news, and lets them be."""
    closing = shown.closing
    if closing is None or closing.set_aside_at is None:
        return ""
    values = {"name": closing.set_aside_by, "at": shown.moment(closing.set_aside_at), "why": closing.set_aside_because}
    return _("%(name)s has looked at it, %(at)s, and left it as it is: %(why)s") % values


def _version(shown: Statement, closing: Closing) -> tuple[int, str, str]:
    """Its number, who closed it, and who opened it again and why."""
    values = {"number": closing.version, "name": closing.closed_by, "when": shown.moment(closing.closed_at)}
    closed = _("Version %(number)s, closed by %(name)s, %(when)s") % values
    again = getattr(closing, "reopening", None)
    if again is None:
        return closing.version, closed, ""
    values = {"name": again.actor, "when": shown.moment(again.at), "why": again.reason}
    return closing.version, closed, _("opened again by %(name)s, %(when)s: %(why)s") % values


def _links(shown: Statement, lines: list[ClosingLine]) -> list[dict[str, Any]]:
    found = []
    for line in lines:
        behind = words.behind(line)
        url = reverse(f"admin:{behind.model}_change", args=[behind.pk]) if behind else ""
        found.append({
            "line": line, "amount": shown.money(line.amount), "url": url, "name": behind and behind.name,
            "gone_back": words.gone_back(shown, line), "is_settled": words.is_settled(shown, line),
        })  # fmt: skip
    return found


def _group(shown: Statement, heading: str, lines: list[ClosingLine]) -> tuple[str, list[dict[str, Any]]]:
    """With how many there are in its heading, and how many of them are settled."""
    told = _links(shown, lines)
    settled = sum(one["is_settled"] for one in told)
    text = f"{heading}: {len(told)}"
    said = _("settled: %(count)s") % {"count": settled}  # not inside of a text: makemessages does not look there
    return f"{text} · {said}" if settled else text, told


def _do(request: HttpRequest, store: Store, day: date, shift: Shift | None, form: PumpForm) -> HttpResponse:
    action, actor = request.POST.get("action"), request.user.get_username()
    done = ""
    try:
        if action == "close" and shift:
            _need(request, _SHIFTS)
            services.close_shift(shift, actor=actor)
            done = _("The shift is closed.")
        elif action == "close":
            _need(request, _CLOSES)
            services.close_day(store, day, actor=actor, early="early" in request.POST)
            done = _("The day is closed.")
        elif action == "reopen":
            _need(request, _REOPENS)
            closing = get_object_or_404(Closing.objects.of(store, day, shift).in_force())
            services.reopen(closing, actor=actor, reason=request.POST.get("reason", ""))
            done = _("It is open again.")
        elif action == "open_shift":
            _need(request, _SHIFTS)
            shift = services.open_shift(store, actor=actor)
            day, done = shift.day, _("A shift is opened.")
        elif action == "hand_in" and form.is_valid():
            if not _may_hand_in(request):
                raise PermissionDenied
            pumps.hand_in(store, day, form.pumps(), actor=actor, shift=shift)
            done = _("The pumps' totals are saved.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        if done:
            messages.success(request, done)
    where = [store.pk, day.isoformat()]
    return redirect("admin:closing_shift", *where, shift.pk) if shift else redirect("admin:closing_day", *where)


def _need(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _may_hand_in(request: HttpRequest) -> bool:
    return request.user.has_perm(_CLOSES) or request.user.has_perm(_SHIFTS)


def _shift(store: Store, day: date, pk: int | None) -> Shift | None:
    return get_object_or_404(Shift, pk=pk, store=store, day=day) if pk else None


def _statement(store: Store, day: date, shift: Shift | None, version: str | None) -> Statement:
    number = int(version) if version and version.isdecimal() and len(version) < 5 else None
    try:
        return statement.state(store, day, shift=shift, end=timezone.now(), version=number)
    except Closing.DoesNotExist as error:
        raise Http404 from error
