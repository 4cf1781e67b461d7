"""The worker's application. Tasks carry ids; every wake-up here has a sweep in the beat schedule behind it."""

import os

from celery import Celery, signals
from django.db import close_old_connections, connection
from kombu.transport import TRANSPORT_ALIASES

from config import drawing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
TRANSPORT_ALIASES["embedded"] = "config.broker:Transport"


@signals.task_prerun.connect
def renew_connections(**_: object) -> None:
    """They are kept between tasks (CELERY_DB_REUSE_MAX); one that the database has closed meanwhile is made anew."""
    if not connection.in_atomic_block:  # a task that runs at once, in the transaction of who asks for it
        close_old_connections()


signals.celeryd_after_setup.connect(drawing.arrange)

app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # A sweep that could not run in its time is stale: the next one does its work, so it expires.
    name: {"task": name, "schedule": seconds, "options": {"expires": seconds}}
    for name, seconds in {
        "notifications.tasks.sweep": 5.0,
        "notifications.tasks.purge": 3600.0,
        "pos.tasks.sweep_registrations": 10.0,
        "pos.tasks.compare_due": 900.0,
        "pos.tasks.sweep_imports": 10.0,
        "orders.tasks.sweep": 5.0,
        "orders.tasks.expire_due": 10.0,
        "orders.tasks.sweep_refunds": 5.0,
        "orders.tasks.sweep_loyalty": 10.0,
        "orders.tasks.purge_shadows": 3600.0,
        "orders.tasks.catch_up": 300.0,
        "orders.tasks.audit_days": 900.0,
        "backoffice.tasks.compare_closings": 60.0,
        "backoffice.tasks.sweep_settlements": 10.0,
        "stores.tasks.sweep_credentials": 5.0,
        "stores.tasks.renew_tokens": 60.0,
        "stores.tasks.sweep_errands": 5.0,
        "stores.tasks.purge_errands": 3600.0,
        "pos.tasks.sweep_official_files": 15.0,
        "pos.tasks.sweep_hooks": 5.0,
        "pos.tasks.purge_hooks": 3600.0,
        "pos.tasks.purge_spells": 3600.0,
        "orders.tasks.purge_spells": 3600.0,
        "stores.tasks.purge_calls": 3600.0,
        "receipts.tasks.sweep": 10.0,
        "receipts.tasks.sweep_everything": 600.0,
        "receipts.tasks.sweep_printers": 5.0,
        "receipts.tasks.sweep_new_receipts": 30.0,
        "receipts.tasks.look_at_printers": 60.0,
        "receipts.tasks.sweep_mails": 10.0,
        "backoffice.tasks.look_what_waits": 15.0,
        "backoffice.tasks.look_for_alarms": 30.0,
        "backoffice.tasks.purge_alarms": 3600.0,
    }.items()
}
