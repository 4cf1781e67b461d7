"""A pump in forty lines: `python docs/controller.py KEY [URL [POS]]`; `make run` prints a key, its phone page pays."""

import sys
import time
import uuid
from typing import Any

import requests

KEY, URL, POS = (sys.argv[1:] + ["", "http://localhost:8000", "POS0001"][len(sys.argv) - 1 :])[:3]
PRICE, LITRES = 1200, 10.5


def call(method: str, path: str, **options: Any) -> requests.Response:
    """Ask again until there is an answer. Repeating is safe: a sale repeats its Idempotency-Key."""
    headers = {"Authorization": f"Api-Key {KEY}"} | options.pop("headers", {})
    while True:
        try:
            answer = requests.request(method, f"{URL}/api/v1/{path}", headers=headers, timeout=40, **options)
            if answer.ok:
                return answer
            if answer.status_code < 500 and "being-drawn" not in answer.text:  # the receipt, within a second or two
                sys.exit(answer.text)
        except requests.RequestException as error:
            print(error)
        time.sleep(2)


for tenth in range(1, 11):  # the customer fills up; each report is a heartbeat, too
    so_far = f"{PRICE * LITRES * tenth / 10:.2f}"
    call("PUT", f"pos/{POS}/status", json={"status": "in_process", "amount_so_far": so_far})
    time.sleep(0.5)
item = {"title": "Súper", "quantity": str(LITRES), "unit_price": f"{PRICE:.2f}", "unit_measure": "L"}
key = {"Idempotency-Key": str(uuid.uuid4())}
order = call("POST", f"pos/{POS}/orders", json={"items": [item]}, headers=key).json()
while order["status"] == "open":
    print(f"order {order['id']}: {order['total_amount']} {order['currency']}, {order['payment_status']}")
    call("PUT", f"pos/{POS}/status", json={"status": "idle"})
    order = call("GET", f"orders/{order['id']}?wait=25&status=open").json()
print(call("GET", f"orders/{order['id']}/receipt?format=txt").text if order["status"] == "closed" else order["status"])
