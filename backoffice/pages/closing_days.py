"""The list of business days: a row for each store, a column for each of seven days."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.models import Closing
from backoffice.pages.base import day_of, demand, page
from stores.models import Store

_DAYS, _STORES_A_PAGE = 7, 25


@dataclass(frozen=True, slots=True)
class Cell:
    """`name` is for the style, `label` for people."""

    url: str
    name: str
    label: str


def days_view(request: HttpRequest) -> HttpResponse:
    demand(request, "backoffice.view_closing")
    query = request.GET.get("q", "").strip()[:100]
    stores = Store.objects.visible_to(request.user).filter(is_active=True).order_by("name", "external_id").distinct()
    if query:
        stores = stores.filter(Q(name__icontains=query) | Q(external_id__icontains=query) | Q(city__icontains=query))
    shown = Paginator(stores, _STORES_A_PAGE).get_page(request.GET.get("page"))
    today = max((store.day_at(timezone.now()) for store in shown), default=timezone.now().date())
    last = min(day_of(request.GET["until"]), today) if request.GET.get("until") else today
    days = [last - timedelta(days=n) for n in range(_DAYS)]
    closed = _closed(shown, days)
    rows = [(store, [_cell(store, day, closed) for day in days]) for store in shown]
    return page(
        request, "backoffice/closing.html", _("Close of day"), rows=rows, days=days, page=shown, query=query,
        earlier=last - timedelta(days=_DAYS), later=last + timedelta(days=_DAYS) if last < today else None,
    )  # fmt: skip


def _closed(stores: Iterable[Store], days: Iterable[date]) -> Mapping[tuple[int, date], bool]:
    """Which days are closed, and whether they differ now."""
    found = Closing.objects.in_force().filter(store__in=list(stores), day__in=list(days), shift=None)
    return {(store, day): differs for store, day, differs in found.values_list("store", "day", "differs")}


def _cell(store: Store, day: date, closed: Mapping[tuple[int, date], bool]) -> Cell | None:
    begin, end = store.bounds(day)
    now = timezone.now()
    if begin > now or end <= store.created_at:
        return None
    differs = closed.get((store.pk, day))
    if differs is None:
        name, label = ("open", _("open")) if end <= now else ("running", _("still runs"))
    else:
        name, label = ("differs", _("differs now")) if differs else ("closed", _("closed"))
    return Cell(reverse("admin:closing_day", args=[store.pk, day.isoformat()]), name, label)
