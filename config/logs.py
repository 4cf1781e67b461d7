"""What is logged, and how."""

import logging
import re
from http import HTTPStatus
from typing import Any, Final

# What opens something, by what stands before it: addresses, headers, Mercado Pago's tokens and our webhooks' secrets.
_SECRET: Final = re.compile(
    r"(/mp/(?:orders|notifications)/|/r/\d+\.|(?:Api-Key|Bearer)\s+|\b(?:APP_USR|TEST|TG)-|\bwhsec_)"
    r"([^\s/?#\"'<>()]+)"
)
_LAST: Final = 4  # characters that are shown of a secret of usual length, to tell one from another
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def conceal(text: str) -> str:
    """The text without what opens something."""
    return _SECRET.sub(lambda found: found[1] + _hint(found[2]), text)


def _hint(secret: str) -> str:
    return f"…{secret[-_LAST:]}" if len(secret) >= 4 * _LAST else "…"


class Line(logging.Formatter):
    """One event, one line: what follows it (a traceback, what a stranger sent) is indented, so that none is forged."""

    def format(self, record: logging.LogRecord) -> str:
        text = _CONTROL.sub(lambda found: repr(found[0])[1:-1], super().format(record))
        return conceal(text).replace("\n", "\n    ")


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


FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def describe(level: str) -> dict[str, Any]:
    """Django's LOGGING: one line for each event, at `level` unless its logger says otherwise."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"refusals": {"()": OneLineOfARefusal}, "waiting": {"()": WaitingIsNoFault}},
        "formatters": {"line": {"()": Line, "format": FORMAT}},
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
