"""What is wrong between Mercado Pago and us."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Min

from backoffice.alarms.found import Found, of_account
from backoffice.news import news_of
from notifications.models import Notification, Outcome
from stores.models import Account, Store

FAILS_FOR: Final = timedelta(minutes=10)
LIES_FOR: Final = timedelta(minutes=2)


def no_news(now: datetime) -> Iterator[Found]:
    """Sales close all the same, by asking: later, and with more calls."""
    for news in news_of(Store.objects.filter(is_active=True), now):
        if news.sold and news.is_missing(now):
            yield of_account(news.account, news.heard or news.sold)


def news_fails(now: datetime) -> Iterator[Found]:
    failed = Notification.objects.waiting().filter(outcome=Outcome.FAILED, received_at__lt=now - FAILS_FOR)
    rows = list(failed.order_by().values_list("account").annotate(count=Count("pk"), first=Min("received_at")))
    accounts = Account.objects.in_bulk([account for account, *_ in rows])
    for account, count, first in rows:
        yield of_account(accounts[account], first, count=count)


def behind(now: datetime) -> Iterator[Found]:
    """Stored, and no worker has come to them: too few of them, or what they do fails."""
    untouched = Notification.objects.waiting().filter(outcome=Outcome.RECEIVED, received_at__lt=now - LIES_FOR)
    found = untouched.aggregate(count=Count("pk"), first=Min("received_at"))
    if found["first"]:
        yield Found(subject="worker", label="", since=found["first"], values={"count": found["count"]})


def token(now: datetime) -> Iterator[Found]:
    for account in Account.objects.with_wrong_credentials(now).order_by("pk"):
        yield of_account(account, account.credentials_checked_at or now, note=account.credentials_note)
