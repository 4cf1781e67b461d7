"""The controller of docs/, as it stands there, on the running stack; and one that is told instead of asking."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.station import Pump, Station, wait_for
from tests.pos.receiver import listening

pytestmark = pytest.mark.stack
DOCS = Path(__file__).parents[2] / "docs"


def test_the_controller_of_the_docs_sells_waits_and_prints_the_receipt(pump: Pump, station: Station) -> None:
    assert len((DOCS / "controller.py").read_text().splitlines()) <= 40
    command = [sys.executable, str(DOCS / "controller.py"), station.key, station.stack.web_url, pump.pos_id]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as controller:
        try:
            running = wait_for("the amount runs", lambda: pump.call("GET", f"pos/{pump.pos_id}")["amount_so_far"])
            assert 0 < float(running) < 12600
            scan = pump.scan()
            assert pump.until_phone(scan, state="ready")["amount"] == 12600
            pump.pay(scan)
            printed, _ = controller.communicate(timeout=30)
        finally:
            controller.kill()
    assert controller.returncode == 0, printed
    assert "12600.00 ARS, unpaid" in printed
    assert "10,5 L × $ 1.200,00" in printed
    assert pump.call("GET", f"pos/{pump.pos_id}")["status"] == "idle"


def is_ours() -> Any:
    """The check that docs/controllers.md gives to receivers."""
    [code] = re.findall(r"```python\n(.*?)```", (DOCS / "controllers.md").read_text(), re.S)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own page
    return names["is_ours"]


def test_a_controller_that_wants_to_be_told_is_told_everything_in_order(pump: Pump, station: Station) -> None:
    with listening() as receiver:
        receiver.statuses = [503]
        hook = station.stack.manage("create_hook", "--pos", pump.pos_id, "--url", receiver.url, "--json")
        secret = json.loads(hook)["secret"]
        order = pump.sells("500.00")
        scan = pump.scan()
        pump.until_phone(scan, state="ready")
        pump.pay(scan)
        pump.until_closed(order)
        wait_for("all is told", lambda: len(receiver.got) >= 4)
    assert receiver.events()[:3] == ["order.created", "order.created", "order.closed"]
    assert set(receiver.events()[3:]) == {"order.updated"}
    last = json.loads(receiver.got[-1][1])
    assert last["order"]["receipt"]["number"]
    for headers, body in receiver.got:
        named = {name.title(): value for name, value in headers.items()}
        assert is_ours()(secret, named, body.encode())
        assert not is_ours()(secret, named, body.encode() + b" ")
