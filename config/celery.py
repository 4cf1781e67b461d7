"""The worker's application. Tasks carry ids; every wake-up here has a sweep in the beat schedule behind it."""

import logging
import os
from typing import Any

from celery import Celery, signals
from django.db import close_old_connections, connection
from kombu.transport import TRANSPORT_ALIASES

from backoffice import tracing
from config import drawing
from stores.snapshots import snapshots

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
TRANSPORT_ALIASES["embedded"] = "config.broker:Transport"


@signals.task_prerun.connect
def renew_connections(**_: object) -> None:
    """They are kept between tasks (CELERY_DB_REUSE_MAX); one that the database has closed meanwhile is made anew."""
    if not connection.in_atomic_block:  # a task that runs at once, in the transaction of who asks for it
        close_old_connections()


@signals.setup_logging.connect
def keep_our_logging(loglevel: int, **_: object) -> None:
    """Django has set it up. That somebody listens here is what keeps Celery from adding handlers of its own."""
    logging.getLogger().setLevel(loglevel)


@signals.celeryd_after_setup.connect
def leave_out_the_banner(instance: Any, **_: object) -> None:
    """It is many lines, and none of them a log's."""
    instance.quiet = True


signals.celeryd_after_setup.connect(drawing.arrange)
signals.before_task_publish.connect(tracing.pass_on)
signals.task_prerun.connect(tracing.take_up)
signals.task_postrun.connect(tracing.let_go)
signals.worker_ready.connect(lambda **_: snapshots.start(), weak=False)

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
        "backoffice.tasks.purge_sessions": 3600.0,
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
