"""“Why can't this customer pay?”, or what happened: timeline and diagnosis of an order, and of a point of sale."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import groupby
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import timeline
from backoffice.diagnosis import diagnose, facts_of
from backoffice.diagnosis.cures import offer, page_of
from backoffice.pages.base import is_countable
from backoffice.timeline import Entry, Kind
from orders.models import Order
from orders.states import Status
from pos.models import PointOfSale
from stores.models import Store

_AFTERMATH: Final = timedelta(minutes=2)
_AT_ONCE: Final = timedelta(days=7)  # of a point of sale's past, at most


def order_page(request: HttpRequest, pk: int) -> HttpResponse:
    """An order's story from its first report on."""
    _demand(request, "orders.view_order")
    mine = Order.objects.with_site().filter(pos__store__in=Store.objects.visible_to(request.user))
    order = get_object_or_404(mine, pk=pk)
    context = {
        "title": _("Order %(order)s") % {"order": order},
        "order": order,
        "is_over": order.status != Status.OPEN,
        "links": [(order.pos, reverse("admin:timeline_pos", args=[order.pos_id])), _record(order)],
        "is_live": order.status == Status.OPEN or _is_fresh(order),
    }
    return _page(request, order.pos, order, timeline.of_order(order).entries, context)


def pos_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A point of sale's story back from now, or from `until`."""
    _demand(request, "pos.view_pointofsale")
    mine = PointOfSale.objects.select_related("store__account").filter(store__in=Store.objects.visible_to(request.user))
    pos = get_object_or_404(mine, pk=pk)
    now, until = timezone.now(), _moment(request.GET.get("until", ""))
    order = Order.objects.open().with_site().filter(pos=pos).first()
    end = until or now + timedelta(minutes=1)  # clocks differ
    story = timeline.of_pos(pos, end - _AT_ONCE, end)
    links = [_record(pos)]
    if order is not None:
        links.insert(0, (_("Open order %(order)s") % {"order": order}, page_of(order)))
    context = {
        "title": str(pos),
        "links": links,
        "is_live": until is None,
        "is_past": until is not None,
        "earlier": story.since.astimezone(UTC).isoformat() if pos.created_at < story.since else "",
    }
    return _page(request, pos, order, story.entries, context)


def _page(
    request: HttpRequest, pos: PointOfSale, order: Order | None, entries: list[Entry], context: dict[str, Any]
) -> HttpResponse:
    kinds = {entry.kind for entry in entries}
    chosen = request.GET.get("kind", "")
    chosen = chosen if chosen in Kind.values else ""
    with timezone.override(pos.store.tz):
        page = {
            **admin.site.each_context(request),
            "pos": pos,
            "verdicts": [] if context.get("is_past") else _verdicts(request, pos, order),
            "chips": [(kind.value, kind.label) for kind in Kind if kind in kinds or kind == chosen],
            "chosen": chosen,
            "days": _days(request, [entry for entry in entries if chosen in ("", entry.kind)]),
            "query": request.GET,
            "here": request.get_full_path(),
            **context,
        }
        name = "backoffice/timeline_part.html" if "part" in request.GET else "backoffice/timeline.html"
        return TemplateResponse(request, name, page).render()


def _verdicts(request: HttpRequest, pos: PointOfSale, order: Order | None) -> list[dict[str, Any]]:
    facts = facts_of(pos, order, timezone.now())
    verdicts = []
    for verdict in diagnose(facts):
        offers = [made for cure in verdict.cures if (made := offer(request, cure, facts))]
        verdicts.append({"severity": verdict.severity, "sentence": verdict.sentence, "offers": offers})
    return verdicts


def _days(request: HttpRequest, entries: Iterable[Entry]) -> list[tuple[Any, list[dict[str, Any]]]]:
    link = cache(lambda row: _link(request, row))  # several lines are of the same row

    def day(entry: Entry) -> Any:
        return timezone.localdate(entry.at)

    def line(entry: Entry) -> dict[str, Any]:
        at = timezone.localtime(entry.at)
        texts = {"at": at.isoformat(), "time": f"{at:%H:%M:%S}", "notes": _notes(entry)}
        return texts | {"severity": entry.severity.value, "title": entry.title, "url": link(entry.row)}

    return [(date, [line(entry) for entry in of_day]) for date, of_day in groupby(entries, day)]


def _notes(entry: Entry) -> str:
    """The small print under a line."""
    until = entry.until and f"{timezone.localtime(entry.until):%H:%M:%S}"
    parts = (
        entry.kind.label,
        _("until %(time)s") % {"time": until} if until and entry.until != entry.at else "",
        _("%(times)s times") % {"times": entry.times} if entry.times > 1 else "",
        entry.detail,
        _("by %(who)s") % {"who": entry.who} if entry.who else "",
    )
    return " · ".join(str(part) for part in parts if part)


def _link(request: HttpRequest, row: Model | None) -> str:
    """Where to read more, for who may."""
    if row is None or not request.user.has_perm(f"{row._meta.app_label}.view_{row._meta.model_name}"):
        return ""
    url = page_of(row)
    return "" if request.path == url else url


def _record(row: Model) -> tuple[str, str]:
    """The row's own page in the back-office."""
    meta = row._meta
    return _("All fields"), reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def _is_fresh(order: Order) -> bool:
    """Closed just now: the receipt and the paper are still to come."""
    return order.closed_at is not None and timezone.now() - order.closed_at < _AFTERMATH


def _demand(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo and is_countable(moment) else None
