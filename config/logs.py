"""What is logged, and how."""

import logging
from http import HTTPStatus
from typing import Any


class OneLineOfARefusal(logging.Filter):
    """Who is not allowed to see a page is told so: nothing broke, so where in the code says nothing to anybody."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", None) == HTTPStatus.FORBIDDEN:
            record.exc_info = record.exc_text = None
        return True


class WaitingIsNoFault(logging.Filter):
    """A phone that waits hears 400 each second, as Mercado Pago wants it: that is no bad request."""

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", "")
        return not (path.startswith("/mp/orders/") and getattr(record, "status_code", None) == HTTPStatus.BAD_REQUEST)


def describe(level: str) -> dict[str, Any]:
    """Django's LOGGING: one line for each event, at `level` unless its logger says otherwise."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"refusals": {"()": OneLineOfARefusal}, "waiting": {"()": WaitingIsNoFault}},
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.request": {"filters": ["refusals", "waiting"]},
            # Sweeps every few seconds would bury all else; what a task changes is logged by its service.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "axes": {"level": "WARNING"},  # each log-in would take four lines
            "fontTools": {"level": "WARNING"},  # each poster would tell of each letter
        },
    }
