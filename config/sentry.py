"""Errors to Sentry, where SENTRY_DSN says so: what broke and where, never whose it was."""

import re
from collections.abc import Callable
from typing import Any

import sentry_sdk
from sentry_sdk.transport import Transport
from sentry_sdk.types import Event, Hint
from structlog.contextvars import get_contextvars

_PERSONAL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")  # addresses of e-mail


def start(
    dsn: str, *, environment: str, redact: Callable[[str], str], transport: type[Transport] | None = None
) -> None:
    """Report what is logged as an error, and what nobody catches. `transport` is for tests."""

    def scrub(event: Event, _hint: Hint) -> Event:
        return _scrubbed(event, lambda text: _PERSONAL.sub("…", redact(text)))

    sentry_sdk.init(
        dsn,
        environment=environment,
        transport=transport,
        before_send=scrub,
        include_local_variables=False,  # an access token is one somewhere; who is logged in is not told by default
        max_request_body_size="never",
        max_breadcrumbs=0,  # the logs have what came before, by the same ids
    )


def _scrubbed(event: Event, hide: Callable[[str], str]) -> Event:
    event.pop("user", None)
    event.pop("extra", None)
    if request := event.get("request"):  # no cookies, headers, body, query, environment
        event["request"] = {"method": request.get("method"), "url": request.get("url")}
    tags = event.get("tags") or {}
    event["tags"] = {**tags, **{name: str(value) for name, value in get_contextvars().items()}}
    return _walked(event, hide)  # type: ignore[no-any-return]


def _walked(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, dict):
        return {name: _walked(one, hide) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_walked(one, hide) for one in value]
    return value
