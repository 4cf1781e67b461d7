"""What the worker does for closed days and settlement reports: the rows are the schedule."""

from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from backoffice import tasks
from backoffice.closing import services
from backoffice.models import Closing, SettlementRun
from backoffice.settlement import runs
from pos.models import PointOfSale
from stores.models import Account, Store
from tests.backoffice.days import at, pay, sell
from tests.conftest import PAYLOADS

DAY = date(2026, 11, 20)


@pytest.fixture
def at_once(monkeypatch) -> None:
    """The broker hands over at once."""
    for task in (tasks.compare_closing, tasks.read_settlement):
        monkeypatch.setattr(task, "apply_async", lambda args, expires, task=task: task(*args))


def test_late_news_is_noticed_without_anybody_looking(store: Store, pos: PointOfSale, at_once: None) -> None:
    with time_machine.travel(at("2026-11-21 08:00"), tick=False):
        closing = services.close_day(store, DAY, actor="ana")
        pay(sell(pos, "80.00", closed=at("2026-11-20 12:00")), "80.00", approved=at("2026-11-20 12:00"))
        tasks.compare_closings()
        assert not Closing.objects.get().differs  # not due yet
    with time_machine.travel(at("2026-11-21 08:00") + timedelta(minutes=6), tick=False):
        tasks.compare_closings()
        assert Closing.objects.get().differs
    services.reopen(closing, actor="bea", reason="late payment")
    assert not Closing.objects.filter(compare_at__isnull=False).exists()


def test_a_report_whose_wake_up_was_lost_is_read_all_the_same(account: Account, at_once: None) -> None:
    file = SimpleUploadedFile("r.csv", (PAYLOADS / "settlement_report.csv").read_bytes())
    runs.upload(file, account=account, user=User.objects.create_superuser("manager"))
    tasks.sweep_settlements()
    assert SettlementRun.objects.get().done_at


def test_log_ins_that_are_over_are_forgotten_batch_by_batch(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_PURGED", 2)
    monkeypatch.setattr(tasks.purge_sessions, "delay", tasks.purge_sessions)
    now = timezone.now()
    for number, hours in enumerate((-3, -2, -1, 1)):
        Session.objects.create(session_key=str(number), session_data="", expire_date=now + timedelta(hours=hours))
    tasks.purge_sessions()
    assert Session.objects.get().session_key == "3"
