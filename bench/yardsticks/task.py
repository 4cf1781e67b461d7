"""The yardstick of the worker: a task that asks once, on a kept-alive connection, and updates twice with the ORM.

celery -A bench.yardsticks.task worker -Q yardstick …: with all settings of the product's worker.
"""

from functools import cache

import requests
from celery import Task
from django.conf import settings
from django.utils import timezone

from config.celery import app

__all__ = ["app", "yardstick"]


@cache
def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


@app.task(name="bench.yardstick", queue="yardstick")
def _yardstick(notification_id: int) -> None:
    from notifications.models import Notification

    answer = _session().get(f"{settings.MERCADO_PAGO_API_URL}/merchant_orders/{notification_id}", timeout=10)
    row = Notification.objects.filter(pk=notification_id)
    row.update(attempts=answer.json()["paid_amount"])
    row.update(outcome="processed", next_attempt_at=None, processed_at=timezone.now())


yardstick: "Task[[int], None]" = _yardstick
