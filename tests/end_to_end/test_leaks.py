"""What the station's fixture holds against the logs of the whole run, when all tests are over."""

import re

import pytest
import requests

from tests.end_to_end.leaks import leaks, of_all_processes
from tests.end_to_end.station import Pump, Station


def test_a_secret_in_a_log_is_found(tmp_path) -> None:
    (tmp_path / "web.log").write_text(
        "a\nGET /mp/orders/kJ8sQm2xN4vB7\nkey abcdefgh.0123456789abcdef0123 came\nabcdefgh\n"
    )
    assert leaks(tmp_path, ["kJ8sQm2xN4vB7"], ["abcdefgh"]) == [
        "web.log: GET /mp/orders/kJ8sQm2xN4vB7",
        "web.log: key abcdefgh.0123456789abcdef0123 came",
    ]
    assert leaks(tmp_path, ["another"], []) == []


@pytest.mark.stack
def test_addresses_that_open_something_are_logged_without_it(station: Station, pump: Pump) -> None:
    """Each of these is refused, and the refusal is logged."""
    scan = pump.scan()
    order = pump.sells("500.00")
    pump.until_phone(scan, state="ready")
    pump.pay(scan)
    link = pump.until_closed(order)["receipt"]["links"]["public"]
    account = station.account
    for url in (
        pump.poll_url,
        f"{station.stack.web_url}/mp/notifications/{account['notification_token']}",
        link,
        f"{station.stack.web_url}/api/v1/orders/{order['id']}",
    ):
        assert requests.delete(url, headers={"Authorization": f"Api-Key {pump.key}"}, timeout=10).status_code in (
            403,
            405,
        )
    requests.put(f"{link}x", timeout=10)
    log = (station.stack.logs / "web.log").read_text()
    assert "/mp/orders/…" in log
    assert "/mp/notifications/…" in log
    assert re.search(r"/r/\d+\.…", log)
    assert of_all_processes(station) == []
