"""What is logged of a request that is refused, and of one that breaks something; and how a line looks."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from structlog.contextvars import get_contextvars

from config import logs
from stores.tracing import following


def test_who_may_not_see_a_page_leaves_one_line_and_no_traceback(client, db, caplog) -> None:
    client.force_login(User.objects.create_user("somebody", is_staff=True))
    assert client.get(reverse("admin:attention")).status_code == 403
    [record] = [one for one in caplog.records if one.name == "django.request"]
    assert (record.levelname, record.exc_info, record.exc_text) == ("WARNING", None, None)
    assert reverse("admin:attention") in record.getMessage()
    assert "\n" not in logging.Formatter().format(record)


def test_what_breaks_is_logged_with_its_traceback(caplog) -> None:
    try:
        raise RuntimeError("a pump fell over")
    except RuntimeError:
        extra = {"status_code": 500}
        logging.getLogger("django.request").exception("Internal Server Error: /", extra=extra)
    assert "a pump fell over" in logging.Formatter().format(caplog.records[-1])


def test_a_phone_that_waits_is_no_bad_request(client, pos, caplog) -> None:
    assert client.get(pos.poll_url).status_code == 400
    assert not [one for one in caplog.records if one.name == "django.request"]
    client.post(pos.poll_url)
    assert [one.message for one in caplog.records if one.name == "django.request"]


NASTY = "a pump\r\n2026-01-01T00:00:00Z ERROR orders: forged \x1b[2J\x00\x85\u2028end"


@pytest.mark.parametrize("kind", logs.FORMATS)
def test_nothing_that_is_logged_begins_a_line_or_moves_a_cursor(kind: str) -> None:
    with following(order=NASTY):
        line = _format(kind, NASTY)
    assert len(line.splitlines()) == 1
    assert line.isprintable()


@pytest.mark.parametrize("kind", logs.FORMATS)
def test_no_line_of_a_traceback_can_be_taken_for_an_event(kind: str) -> None:
    try:
        raise ValueError(NASTY)
    except ValueError as error:
        first, *rest = _format(kind, "it broke", (ValueError, error, error.__traceback__)).splitlines()
    assert "it broke" in first
    assert all(line.startswith("    ") for line in rest)
    assert bool(rest) == (kind == "line")


def test_an_event_is_one_json_object_with_what_was_worked_on() -> None:
    with following(order="REF", notification=7):
        event = json.loads(_format("json", "open → closed"))
    assert event.pop("timestamp") == "2026-11-29T03:00:00.125Z"
    expected = {"event": "open → closed", "level": "warning", "logger": "orders", "order": "REF", "notification": 7}
    assert event == expected


def test_a_line_to_read_says_the_same() -> None:
    with following(order="REF"):
        assert _format("line", "closed") == "2026-11-29T03:00:00.125Z WARNING orders: closed order=REF"


def test_what_was_worked_on_before_is_back_afterwards() -> None:
    with following(order="ONE"):
        with following(order="TWO", pos="P"):
            pass
        assert get_contextvars() == {"order": "ONE"}
    assert get_contextvars() == {}


@pytest.mark.parametrize(("debug", "wanted", "first"), [("on", "", "2"), ("off", "", "{"), ("on", "json", "{")])
def test_json_unless_a_developer_reads(tmp_path, debug: str, wanted: str, first: str) -> None:
    assert _said(tmp_path, DEBUG=debug, LOG_FORMAT=wanted).startswith(first)


def test_an_unknown_format_stops_the_start(tmp_path) -> None:
    assert "LOG_FORMAT is xml; write one of json, line." in _said(tmp_path, LOG_FORMAT="xml")


def _said(tmp_path: Path, **env: str) -> str:
    code = "import django, logging; django.setup(); logging.getLogger('gunicorn.error').info('here')"
    known = {"SECRET_KEY": "only for tests", "FIELD_ENCRYPTION_KEYS": settings.FIELD_ENCRYPTION_KEYS[0]}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.ROOT,
        env={"VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "off", **known, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr


def _format(kind: str, text: str, exc_info: Any = None) -> str:
    record = logging.LogRecord("orders", logging.WARNING, "services.py", 1, text, (), exc_info)
    record.created = 1795921200.125
    return logs.formatter(kind, str).format(record)
