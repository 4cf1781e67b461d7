"""How the stores of a person stand right now. Few questions, each by an index: the page asks again every 15 seconds."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db.models import Count, Window
from django.utils import timezone
from django.utils.translation import gettext

from backoffice import attention, charts
from backoffice.ages import age, ago
from backoffice.alarms import heartbeat, words
from backoffice.models import Alarm
from backoffice.news import news_of
from backoffice.sales import Sales, by_hour, money, sales
from orders.models import Order
from pos.models import PointOfSale
from receipts.models import Printer
from stores.models import Account, Store, StoreQuerySet
from stores.times import written

SHOWN: Final = 5  # of each kind by name; the list behind the number has all
_NAMED: Final = 2  # stores of an account

User = AbstractUser | AnonymousUser


@dataclass(frozen=True, slots=True)
class Some:
    """How many there are, and the first few."""

    count: int
    first: list[Any]

    @property
    def more(self) -> int:
        return self.count - len(self.first)


@dataclass(frozen=True, slots=True)
class LastNews:
    """When Mercado Pago was last heard of for an account. `name` is that of its stores, which people know it by."""

    account: Account
    name: str
    ago: str  # empty: never
    is_missing: bool  # although something was sold since
    silence: str  # that Mercado Pago does not answer our questions; empty: it does


def now(user: User) -> dict[str, Any]:
    """All that this person may see of it, for the template."""
    at = timezone.now()
    stores = Store.objects.visible_to(user)
    context: dict[str, Any] = {
        "waiting": attention.waiting(user),
        "sees_cases": attention.may_see(user),
        "as_of": at,
        "has_stores": stores.exists(),
    }
    if user.has_perm("backoffice.view_alarm"):
        context |= {"alarms": _alarms(user, at), "worker_silent": _worker_silent(at)}
    if user.has_perm("orders.view_order"):
        context |= _sales(sales(stores, at)) | {"to_pay": _to_pay(stores, at)}
    if user.has_perm("pos.view_pointofsale"):
        context["silent"] = _silent(stores, at)
    if user.has_perm("receipts.view_printer"):
        context["printers"] = _some(Printer.objects.in_trouble().filter(store__in=stores).select_related("store"))
    if user.has_perms(("notifications.view_notification", "stores.view_account")):
        context["news"] = news = list(_news(stores, at))
        context["is_silent"] = any(one.silence for one in news)
    return context


def _alarms(user: User, at: datetime) -> Some:
    going_on = Alarm.objects.going_on().visible_to(user).select_related("store__account", "account")
    found = list(going_on.annotate(number=Window(Count("*")))[:SHOWN])
    count = found[0].number if found else 0  # type: ignore[attr-defined]  # annotated above
    return Some(count, [_alarm(alarm, at) for alarm in found])


def _alarm(alarm: Alarm, at: datetime) -> dict[str, Any]:
    return {
        "alarm": alarm,
        "text": words.sentence(alarm),
        "ago": ago(alarm.since, at),
        "snoozed": words.snoozed(alarm),
    }


def _worker_silent(at: datetime) -> str:
    """For how long; empty when it reports as it should."""
    since = heartbeat.silent_since()
    return age(since, at) if since else ""


def _sales(found: Sales) -> dict[str, Any]:
    hours = list(by_hour(found))
    chart = charts.bars([today for _, today, _ in hours], [before for _, _, before in hours])
    marks = [(quarter * charts.WIDTH // 4, (found.begins + 6 * quarter) % 24) for quarter in range(4)]
    told = [hour for hour in hours if hour[1] or hour[2]]
    takings = sorted(found.takings.values(), key=lambda one: one.currency)
    return {"takings": takings, "chart": chart, "marks": marks, "hours": told}


def _to_pay(stores: StoreQuerySet, at: datetime) -> Some:
    found = _some(Order.objects.to_pay().filter(pos__store__in=stores).select_related("pos").order_by("-pk"))
    rows = [
        {"order": order, "amount": money(order.left_to_pay, order.currency), "ago": ago(order.created_at, at)}
        for order in found.first
    ]
    return Some(found.count, rows)


def _silent(stores: StoreQuerySet, at: datetime) -> Some:
    rows = PointOfSale.objects.unreachable(at).filter(store__in=stores).select_related("store")
    found = _some(rows.order_by("store__name", "name", "pk"))
    return Some(found.count, [{"pos": pos, "how": _how_silent(pos, at)} for pos in found.first])


def _how_silent(pos: PointOfSale, at: datetime) -> str:
    if pos.status_at is None:
        return gettext("never heard of")
    return gettext("silent for %(age)s") % {"age": age(pos.status_at, at)}


def _some(rows: Any) -> Some:
    """Counts only when there are more than are shown."""
    first = list(rows[: SHOWN + 1])
    return Some(len(first) if len(first) <= SHOWN else rows.count(), first[:SHOWN])


def _news(stores: StoreQuerySet, at: datetime) -> Iterator[LastNews]:
    names: dict[int, list[str]] = defaultdict(list)
    for account_id, name in stores.order_by("name").values_list("account", "name"):
        names[account_id].append(name)
    for one in news_of(stores, at):
        heard = ago(one.heard, at) if one.heard else ""
        yield LastNews(one.account, _name(names[one.account.pk]), heard, one.is_missing(at), _silence(one.account))


def _silence(account: Account) -> str:
    if account.unanswered_since is None:
        return ""
    since = written(account.unanswered_since, ZoneInfo(account.site.time_zone))
    return gettext("has not answered us since %(since)s") % {"since": since}


def _name(stores: list[str]) -> str:
    first = ", ".join(stores[:_NAMED])
    return first if len(stores) <= _NAMED else gettext("%(some)s and %(count)s more") % {
        "some": first, "count": len(stores) - _NAMED
    }  # fmt: skip
