"""How the web process runs. PORT and WEB_CONCURRENCY follow the usual hosting conventions."""

import gc
import os

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "config.web.Worker"  # gthread, with an end to waiting
threads = 28  # long polls (`?wait=`) hold a thread each; the API keeps at most half of them waiting
timeout = 60
graceful_timeout = 10
keepalive = 30
limit_request_line = 8190  # the most that gunicorn has; longer ones it refuses by itself
control_socket_disable = True  # nobody speaks to it; it would lie in the home folder, one for all instances
preload_app = True  # imported once and shared by the workers: they start sooner and are smaller. Restart for new code


def when_ready(server: Arbiter) -> None:
    """Before the first worker is forked: what its first request would load, and no collector to copy shared pages."""
    from django.apps import apps
    from django.db import connections
    from django.urls import get_resolver

    if not apps.ready:  # a measurement's, that is no Django
        return
    from backoffice.health import graph_targets

    get_resolver().url_patterns  # noqa: B018 - imports them
    graph_targets()
    gc.collect()
    gc.freeze()
    connections.close_all()  # a worker makes its own


def post_worker_init(worker: Worker) -> None:
    """What this process counts is for all to see."""
    from django.apps import apps

    if not apps.ready:
        return
    from stores.snapshots import snapshots

    snapshots.start()
