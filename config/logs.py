"""What is logged, and how: one line for each event, as JSON for machines or to be read."""

import logging
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from structlog.contextvars import merge_contextvars
from structlog.processors import JSONRenderer, StackInfoRenderer, format_exc_info
from structlog.stdlib import ProcessorFormatter, add_log_level, add_logger_name
from structlog.typing import EventDict, Processor, WrappedLogger

FORMATS: Final = ("json", "line")
# Characters that end a line, here or for whoever reads it, or that move a terminal's cursor.
_CONTROLS: Final = {code: ascii(chr(code))[1:-1] for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}
_KNOWN: Final = ("timestamp", "level", "logger", "event", "exception", "stack")


class AStrangersHost(logging.Filter):
    """Who asks under a name that is not ours is refused: a line, and no fault with all of its code."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = record.exc_text = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


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


def stamp(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """When it happened, in UTC: not when it was written."""
    created = datetime.fromtimestamp(event["_record"].created, UTC)
    event["timestamp"] = created.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event


def of_its_request(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Django says what it answered when the names that its lines had are gone."""
    meta = getattr(getattr(event["_record"], "request", None), "META", {})
    if request_id := meta.get("backoffice.request_id"):  # backoffice.tracing.NAMED: it cannot be imported by settings
        event.setdefault("request_id", request_id)
    return event


def as_line(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """To be read. Nothing that is logged can begin a line of its own: control characters are escaped."""
    values = "".join(f" {name}={_tame(value)}" for name, value in event.items() if name not in _KNOWN)
    line = f"{event['timestamp']} {event['level'].upper()} {event['logger']}: {_tame(event['event'])}{values}"
    for more in (event.get("exception"), event.get("stack")):
        if more:
            tamed = "\n".join(_tame(one) for one in more.split("\n"))
            line += f"\n{textwrap.indent(tamed, '    ', lambda _line: True)}"
    return line


def formatter(kind: str, redact: Callable[[str], str]) -> logging.Formatter:
    """For `json` or `line`; what it writes has been through `redact`."""
    # Everything beyond ASCII is escaped in JSON: some readers end lines at characters that are none for others.
    render: Processor = JSONRenderer(default=str) if kind == "json" else as_line
    return ProcessorFormatter(
        foreign_pre_chain=[
            merge_contextvars, of_its_request, add_logger_name, add_log_level, stamp, StackInfoRenderer(),
            format_exc_info,
        ],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            render,
            lambda _logger, _method, line: redact(str(line)),
        ],
    )  # fmt: skip


def describe(level: str, kind: str, redact: Callable[[str], str]) -> dict[str, Any]:
    """Django's LOGGING: at `level` unless its logger says otherwise."""
    through_root = {"handlers": [], "level": "INFO", "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "refusals": {"()": OneLineOfARefusal},
            "waiting": {"()": WaitingIsNoFault},
            "hosts": {"()": AStrangersHost},
        },
        "formatters": {"line": {"()": formatter, "kind": kind, "redact": redact}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": through_root,
            "django.server": through_root,
            "django.request": {"filters": ["refusals", "waiting"]},
            "django.security.DisallowedHost": {"filters": ["hosts"]},
            # They are set up before Django is, with handlers of their own.
            "gunicorn.error": through_root,
            "gunicorn.access": through_root,
            # Sweeps every few seconds would bury all else; what a task changes is logged by its service.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "axes": {"level": "ERROR"},  # each log-in would take four lines; backoffice.comings writes one
            "fontTools": {"level": "WARNING"},  # each poster would tell of each letter
        },
    }


def _tame(value: object) -> str:
    return str(value).translate(_CONTROLS)
