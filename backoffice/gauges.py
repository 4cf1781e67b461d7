"""How much waits now, asked of the database when Prometheus asks: a few queries, each by an index of what waits."""

import shutil
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from backoffice.cases.sources import KINDS
from backoffice.models import Case
from notifications.models import Notification, Outcome
from orders.models import Order
from orders.states import Status
from receipts.models import PrintJob, Receipt
from receipts.states import JobState
from stores.models import Account

_LATEST = 2000  # orders: all closed ones of years have no index that tells which of them have no receipt


def of_the_database() -> list[Metric]:
    now = timezone.now()
    return [
        _attention(), _credentials(now), _breakers(), *_notifications(now), *_paid_and_open(now), *_receipts(now),
        *_print_jobs(now), *_connections(),
    ]  # fmt: skip


def of_the_disk() -> list[Metric]:
    """The one with VAR_DIR."""
    disk = shutil.disk_usage(settings.VAR_DIR)
    return [
        _gauge("qr_disk_free_bytes", "What is left on the disk with VAR_DIR.", disk.free),
        _gauge("qr_disk_size_bytes", "How big the disk with VAR_DIR is.", disk.total),
    ]


def _attention() -> Metric:
    """As the last look found it: beat looks every 15 seconds."""
    cases = GaugeMetricFamily("qr_attention_cases", "What waits for a person, by kind.", labels=["kind"])
    waiting = dict.fromkeys(KINDS, 0) | dict(Case.objects.values_list("kind").annotate(Count("pk")).order_by())
    for kind, count in waiting.items():
        cases.add_metric([kind], count)
    return cases


def _credentials(now: datetime) -> Metric:
    accounts = Account.objects.with_wrong_credentials(now)
    return _gauge("qr_accounts_without_token", "Accounts whose token is refused or runs out.", accounts.count())


def _breakers() -> Metric:
    family = GaugeMetricFamily("qr_breaker_open", "1: Mercado Pago does not answer for it.", labels=["account"])
    for seller, since in Account.objects.values_list("user_id", "unanswered_since"):
        family.add_metric([str(seller)], since is not None)
    return family


def _connections() -> Iterable[Metric]:
    """Of all that use this server; SQLite has none."""
    taken = GaugeMetricFamily("qr_database_connections", "Connections to the database server, of everybody.")
    most = GaugeMetricFamily("qr_database_connections_max", "The most that it takes.")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), current_setting('max_connections')::int FROM pg_stat_activity")
            [[now, limit]] = cursor.fetchall()
        taken.add_metric([], now)
        most.add_metric([], limit)
    return [taken, most]


def _notifications(now: datetime) -> Iterable[Metric]:
    # What leads to nothing known is looked at again for a day, and is nobody's trouble meanwhile.
    unfinished = Notification.objects.waiting().exclude(outcome=Outcome.UNMATCHED)
    waiting = unfinished.aggregate(count=Count("pk"), since=Min("received_at"))
    yield _gauge("qr_notifications_waiting", "Deliveries to be worked on, of known things.", waiting["count"])
    yield _age("qr_notifications_oldest_seconds", "How long the oldest of them is here.", waiting["since"], now)


def _paid_and_open(now: datetime) -> Iterable[Metric]:
    """Mercado Pago has the money, here the order is open: it is closed within seconds, or something is wrong.

    The same orders as the alarm's (`backoffice.alarms.money`).
    """
    waiting = Order.objects.paid_but_not_closed().aggregate(count=Count("pk"), since=Min("paid_at"))
    yield _gauge("qr_paid_open_orders", "Orders that are paid there and open here.", waiting["count"])
    yield _age("qr_paid_open_oldest_seconds", "How long ago the oldest of them was paid.", waiting["since"], now)


def _receipts(now: datetime) -> Iterable[Metric]:
    """Those that have a number and no drawing, and, among the latest orders, those that have not even a number."""
    undrawn = Receipt.objects.undrawn().aggregate(count=Count("pk"), since=Min("issued_at"))
    latest = Order.objects.order_by("-pk").values("pk")[:_LATEST]
    closed = Order.objects.filter(pk__in=latest, status=Status.CLOSED, receipt=None)
    missing = closed.aggregate(count=Count("pk"), since=Min("closed_at"))
    since = min((one["since"] for one in (undrawn, missing) if one["since"]), default=None)
    count = undrawn["count"] + missing["count"]
    yield _gauge("qr_receipts_waiting", "Receipts and slips that are not drawn yet.", count)
    yield _age("qr_receipts_oldest_seconds", "How long the oldest of them waits.", since, now)


def _print_jobs(now: datetime) -> Iterable[Metric]:
    jobs = PrintJob.objects.filter(due_at__isnull=False, state__in=(JobState.QUEUED, JobState.SENDING))
    waiting = jobs.aggregate(count=Count("pk"), since=Min("created_at"))
    yield _gauge("qr_print_jobs_waiting", "Print jobs that are not on paper yet.", waiting["count"])
    yield _age("qr_print_jobs_oldest_seconds", "How long the oldest of them waits.", waiting["since"], now)


def _gauge(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(name, documentation, value)


def _age(name: str, documentation: str, since: datetime | None, now: datetime) -> Metric:
    """In seconds; 0 when nothing waits."""
    return _gauge(name, documentation, max((now - since).total_seconds(), 0) if since else 0)
