"""The simulator as a real process, and a merchant made of a socket: what it answers is up to the test."""

import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import requests

from tests.simulator.process import Simulator, wait_for

_users = itertools.count(446566691)


@dataclass
class Merchant:
    """Answers polls with `answer`, deliveries with `confirmation`, and keeps what it was asked and when (`at`)."""

    url: str = ""
    answer: tuple[int, dict[str, str], bytes] = (400, {}, b'{"error":{"type":"unavailable"}}')
    confirmation: int = 200
    polls: list[dict[str, str]] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)

    def says(self, body: Any, status: int = 200, **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answer = (status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


@dataclass
class Seller:
    """An account at the simulator, with the calls that its token allows."""

    simulator_url: str
    user_id: int

    def call(self, method: str, path: str, body: Any = None, *, token: str = "", **headers: str) -> requests.Response:
        token = token or f"APP_USR-1-112326-abc-{self.user_id}"
        headers = {name.replace("_", "-"): value for name, value in headers.items()} | {
            "Authorization": f"Bearer {token}"
        }
        return requests.request(method, f"{self.simulator_url}{path}", json=body, headers=headers, timeout=10)

    def phone(self, method: str, path: str, body: Any = None) -> Any:
        return requests.request(method, f"{self.simulator_url}/simulator/{path}", json=body, timeout=10).json()


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    running = Simulator(tmp_path_factory.mktemp("simulator") / "state.json")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def seller(simulator: Simulator) -> Seller:
    return Seller(simulator.url, next(_users))


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    merchant = Merchant()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            merchant.polls.append(dict(self.headers))
            status, headers, body = merchant.answer
            self._send(status, {"Content-Type": "application/json"} | headers, body)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            delivery = {"path": self.path, "headers": dict(self.headers), "body": body, "at": time.monotonic()}
            merchant.deliveries.append(delivery)
            self._send(merchant.confirmation, {}, b"{}")

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    merchant.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield merchant
    server.shutdown()
    server.server_close()


STORE = {
    "name": "Store 1",
    "external_id": "STORE001",
    "location": {
        "street_number": "3039",
        "street_name": "Caseros",
        "city_name": "Belgrano",
        "state_name": "Capital Federal",
        "latitude": -32.8897322,
        "longitude": -68.8443275,
    },
}


@pytest.fixture
def store(seller: Seller) -> Any:
    answer = seller.call("POST", f"/users/{seller.user_id}/stores", STORE)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def pos_body(seller: Seller, store: Any, merchant: Merchant) -> dict[str, Any]:
    seller.phone("PUT", f"sellers/{seller.user_id}", {"site": "MLA"})
    return {
        "name": "POS 1",
        "fixed_amount": True,
        "category": 473000,
        "external_store_id": "STORE001",
        "external_id": f"POS{seller.user_id}",
        "url": f"{merchant.url}/poll",
    }


@pytest.fixture
def pos(seller: Seller, pos_body: dict[str, Any]) -> Any:
    answer = seller.call("POST", "/pos", pos_body)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def offer(seller: Seller, merchant: Merchant) -> dict[str, Any]:
    """The documents' V1 sample, for this seller."""
    return {
        "collector_id": seller.user_id,
        "sponsor_id": 334249281,
        "items": [
            {
                "title": "$500.00 SUPER",
                "currency_id": "ARS",
                "description": "$500.00 SUPER",
                "quantity": 1.0,
                "unit_price": 500.00,
            }
        ],
        "external_reference": f"R{seller.user_id}",
        "notification_url": f"{merchant.url}/news",
    }


@pytest.fixture
def offer_v2(seller: Seller, merchant: Merchant) -> dict[str, Any]:
    return {
        "external_reference": f"R{seller.user_id}",
        "total_amount": 500.00,
        "items": [
            {
                "sku_number": "1",
                "category": "fuel",
                "title": "SUPER",
                "description": "SUPER",
                "quantity": 1,
                "unit_measure": "unit",
                "unit_price": 500.00,
                "total_amount": 500.00,
            }
        ],
        "title": "Fuel",
        "description": "Fuel",
        "notification_url": f"{merchant.url}/news",
        "sponsor": {"id": 662208785},
    }


@pytest.fixture
def scan(seller: Seller, pos: Any) -> Callable[[str], Any]:
    """Scan the code and wait until the phone shows that state; what GET says of the scan."""

    def scan(state: str) -> Any:
        made = seller.phone("POST", "scans", {"external_pos_id": pos["external_id"]})
        return reach(seller, made["id"], state)

    return scan


@pytest.fixture
def chaos(seller: Seller) -> Iterator[Callable[..., Any]]:
    """Set the knobs; what the simulator says of it. It is calm again afterwards."""

    def set_knobs(**knobs: Any) -> Any:
        return seller.phone("PUT", "chaos", knobs)

    yield set_knobs
    set_knobs()


@pytest.fixture
def pay(seller: Seller) -> Callable[..., Any]:
    """Pay at a phone; what GET says of its scan."""

    def pay(scan: Any, outcome: str = "approved", amount: str | None = None) -> Any:
        return seller.phone("POST", f"scans/{scan['id']}/pay", {"outcome": outcome, "amount": amount})

    return pay


def reach(seller: Seller, scan_id: int, state: str) -> Any:
    def look() -> Any:
        scan = seller.phone("GET", f"scans/{scan_id}")
        assert scan["state"] in (state, "waiting", "ready", "rejected"), scan
        return scan if scan["state"] == state else None

    return wait_for(look)
