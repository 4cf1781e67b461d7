"""What is logged of a request that is refused, and of one that breaks something."""

import logging

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from config.logs import FORMAT, Line


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


def line(message: str, *args: object, error: BaseException | None = None) -> str:
    info = (type(error), error, None) if error else None
    return Line(FORMAT).format(logging.LogRecord("x", logging.WARNING, "", 0, message, args, info))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Not Found: /mp/orders/{0}", "Not Found: /mp/orders/…{1}"),
        ("POST /mp/notifications/{0}?topic=payment", "POST /mp/notifications/…{1}?topic=payment"),
        ("Forbidden (CSRF): /r/12.{0}", "Forbidden (CSRF): /r/12.…{1}"),
        ("http://localhost:8000/r/12.{0}/qr.png", "http://localhost:8000/r/12.…{1}/qr.png"),
        ("{{'Authorization': 'Api-Key {0}'}}", "{{'Authorization': 'Api-Key …{1}'}}"),
        ("Bearer APP_USR-1-{0}", "Bearer …{1}"),
        ("token TG-{0} refused", "token TG-…{1} refused"),
        ("whsec_{0}", "whsec_…{1}"),
        ("/mp/orders/short", "/mp/orders/…"),
        ("/var/log/r/12 stays", "/var/log/r/12 stays"),
    ],
)
def test_what_opens_something_is_not_logged(said: str, kept: str) -> None:
    secret = "kJ8sQm2xN4vB7cZ1pL5wRt"
    assert line(said.format(secret, "5wRt")).endswith(f"WARNING x: {kept.format(secret, '5wRt')}")
    assert secret not in line("%s", said.format(secret, ""), error=ValueError(said.format(secret, "")))


def test_no_stranger_writes_a_line_of_the_log() -> None:
    forged = "bad\r\n2026-11-24 12:00:00,000 INFO orders: order 1: paid\x1b[2J\u2028x"
    for text in (line("%s", forged), line("x", error=ValueError(forged))):
        assert not [one for one in text.splitlines()[1:] if not one.startswith("    ")]
        assert "\x1b" not in text
        assert "\r" not in text
        assert "\u2028" not in text
