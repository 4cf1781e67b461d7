"""A printer is never one of our own services: Redis would take the lines of a receipt for commands."""

import socket

import pytest
from django.core.exceptions import ValidationError

from receipts import tasks
from receipts.ports import may_print_at


@pytest.mark.parametrize("port", [22, 25, 80, 443, 5432, 6379, 11211])
def test_no_printer_is_written_down_at_a_services_port(make_printer, port: int) -> None:
    with pytest.raises(ValidationError) as refused:
        make_printer(port=port).full_clean()
    assert {*refused.value.message_dict} == {"port"}


def test_printers_are_where_printers_are(make_printer) -> None:
    for port in (9100, 9101, 515, 631, 4000):
        make_printer(port=port).full_clean()


def test_our_own_services_are_known_wherever_they_are(settings) -> None:
    settings.REDIS_URL = "redis://:secret@10.0.0.3:7000/1"
    settings.EMAIL_PORT = 2525
    assert [may_print_at(port) for port in (7000, 2525, 7001)] == [False, False, True]


def test_one_that_was_written_down_before_is_not_connected_to(make_printer, settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as redis:
        port = redis.getsockname()[1]
        settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
        to = make_printer(port=port)
        tasks.look_at_printer(to.pk)
        redis.settimeout(0.1)
        with pytest.raises(TimeoutError):
            redis.accept()
    to.refresh_from_db()
    assert to.trouble == "unreachable"
