"""What is logged of a request that is refused, and of one that breaks something."""

import logging

from django.contrib.auth.models import User
from django.urls import reverse


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
