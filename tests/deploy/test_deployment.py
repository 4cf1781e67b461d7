"""docs/deploy.md on a machine of its own: the units' processes behind TLS, on PostgreSQL and Redis."""

import json
import os
import secrets
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from django.utils import timezone

from tests.deploy import recipes
from tests.deploy.machine import HOME, STATE
from tests.deploy.roads import Systemd
from tests.deploy.shop import going_on, open_shop, pay

pytestmark = [pytest.mark.stack, pytest.mark.postgresql, pytest.mark.redis]

SKIPPED = 500
# What is over must not differ after a restore. What goes on (schedules, sums) may.
OVER = {
    "orders": "SELECT id, external_reference, status, total_amount, paid_amount, items, closed_at FROM orders_order"
    " WHERE status = 'closed' AND closed_at < %s ORDER BY id",
    "payments": "SELECT p.id, p.remote_id, p.status, p.amount FROM orders_payment p JOIN orders_merchantorder m"
    " ON m.id = p.merchant_order_id JOIN orders_order o ON o.id = m.order_id WHERE o.closed_at < %s ORDER BY p.id",
    "receipts": "SELECT id, number, sequence, content FROM receipts_receipt WHERE issued_at < %s ORDER BY id",
    "transitions": "SELECT id, order_id, to_status, actor FROM orders_transition WHERE at < %s ORDER BY id",
}


def test_the_page_leads_a_stranger_to_a_printed_receipt_and_all_is_well(road: Systemd, receipt: str) -> None:
    assert "10,5 L × $ 1.200,00" in receipt
    assert "0001-00000001" in receipt
    assert '"status": "ok", "down": {}' in receipt
    here = {"PORT": str(road.ports[0])}
    nowhere = {"PORT": "1", "REDIS_URL": "redis://127.0.0.1:1", "VAR_DIR": "/nowhere"}
    for name in ("web", "worker", "beat"):
        road.machine.run(*recipes.health_check(name), env=here)
        with pytest.raises(AssertionError, match="ended with 1"):
            road.machine.run(*recipes.health_check(name), env=nowhere)


def test_prometheus_reads_the_metrics_by_the_public_name_and_nobody_else_does(road: Systemd, receipt: str, trusted):
    url, token = f"{road.machine.public_url}/metrics", road.machine.settings["METRICS_TOKEN"]
    told = requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=20)
    assert told.status_code == 200
    assert 'qr_up{part="database"} 1.0' in told.text
    assert requests.get(url, timeout=20).status_code == 401
    assert requests.get(url, headers={"Authorization": "Bearer another"}, timeout=20).status_code == 401


def test_all_that_is_logged_is_one_json_object_a_line(road: Systemd, receipt: str) -> None:
    is_root = os.geteuid() == 0  # then Celery's worker warns of it in words of its own
    for name in (*road.webs, "beat", *(() if is_root else ("worker",))):
        for line in (road.machine.root / f"{name}.log").read_text().splitlines():
            assert json.loads(line)["timestamp"], name


def test_a_release_is_replaced_under_load_without_an_answer_missing(road: Systemd, receipt: str, trusted) -> None:
    machine, station = road.machine, open_shop(road)
    pump = station.register_pos()
    [account] = _news_urls(machine.settings["DATABASE_URL"], machine.public_url)

    def polls() -> str:
        return f"poll {requests.get(pump.poll_url, timeout=20).status_code}"

    def news() -> str:
        answer = requests.post(f"{account}?topic=merchant_order&id=1", json={}, timeout=20)
        return f"news {answer.status_code}"

    def sells() -> str:
        return f"sale {pump.sells(key=secrets.token_hex(), replace=True)['status']}"

    def waits() -> str:
        order = pump.call("GET", f"pos/{pump.pos_id}")
        return f"look {order['external_id'] == pump.pos_id}"

    before = {name: _folder_of(machine.running[name].pid) for name in road.webs}
    with going_on(polls, polls, news, sells, waits) as count:
        road.lay_out("1.1")
        during = {name: _folder_of(machine.running[name].pid) for name in road.webs}
        road.replace_services()
    assert {name.split()[0] for name in count} == {"poll", "news", "sale", "look"}, count
    assert set(count) <= {"poll 200", "poll 400", "news 200", "sale open", "look True"}, count
    assert set(before.values()) == set(during.values()) == {"qr-unattended-1.0"}
    assert {_folder_of(machine.running[name].pid) for name in road.webs} == {"qr-unattended-1.1"}


def test_a_backup_is_restored_and_the_money_since_is_found(road: Systemd, receipt: str, trusted, tmp_path) -> None:
    machine, station = road.machine, open_shop(road)
    pump, other, busy = (station.register_pos() for _ in range(3))
    before, waiting = pay(pump), other.sells("700.00")

    def sells() -> str:
        return f"sale {busy.sells(key=secrets.token_hex(), replace=True)['status']}"

    with going_on(sells) as count:
        begun = timezone.now()
        folder = Path(machine.run(f"{HOME}/ops/backup.sh", str(tmp_path)).strip())
    assert set(count) == {"sale open"}
    assert {file.name for file in folder.iterdir()} == {"database.dump", "media.tar.gz", "SHA256SUMS"}
    secret = machine.settings["FIELD_ENCRYPTION_KEYS"].encode()
    assert not [file for file in folder.iterdir() if secret in file.read_bytes()]

    lost, paid_since = pay(pump), pay(other, waiting)
    road.stop_services()
    was = _over(machine.settings["DATABASE_URL"], begun)
    machine.settings["DATABASE_URL"] = machine.another_database()
    shutil.rmtree(machine.here(STATE) / "media")
    machine.run(f"{HOME}/ops/restore.sh", str(folder))
    with pytest.raises(AssertionError, match="The database is not empty"):
        machine.run(f"{HOME}/ops/restore.sh", str(folder))
    assert _over(machine.settings["DATABASE_URL"], begun) == was
    drawn = machine.here(STATE) / "media" / "receipts"
    assert [*drawn.rglob(f"{before['receipt']['number']}*.pdf")]
    shutil.rmtree(drawn)  # and without its drawings, too

    road.manage("migrate", "--no-input")
    road.manage("after_restore", "--skip-receipts", str(SKIPPED))
    road.start_services()
    road.manage("reconcile")
    assert before["receipt"]["number"] in pump.call("GET", f"orders/{before['id']}/receipt?format=txt")

    # It was open in the backup and paid since: closed again, with a number that nothing else ever had.
    closed = other.until_closed(waiting, within=60)
    assert closed["paid_amount"] == "700.00"
    assert _sequence(closed) > _sequence(paid_since) + SKIPPED - 2
    # It was made after the backup: unknown here, its money is named; neither its id nor its link lead to anything else.
    found = json.loads(road.manage("reconcile", "--day", f"{timezone.localdate():%Y-%m-%d}", "--json"))["differences"]
    assert [one["theirs"] for one in found if one["what"] == "unknown_here"] == [f"closed {lost['external_reference']}"]
    assert requests.get(lost["receipt"]["links"]["public"], timeout=20).status_code == 404
    again = pay(pump)
    assert again["id"] > lost["id"] + 100_000
    assert _sequence(again) > _sequence(closed)


def _news_urls(database: str, public_url: str) -> list[str]:
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT notification_token FROM stores_account").fetchall()
    return [f"{public_url}/mp/notifications/{token}" for (token,) in rows]


def _over(database: str, before: datetime) -> dict[str, list[Any]]:
    with psycopg.connect(database) as connection:
        return {name: connection.execute(query, [before]).fetchall() for name, query in OVER.items()}


def _folder_of(pid: int) -> str:
    return Path(os.readlink(f"/proc/{pid}/cwd")).name


def _sequence(order: Any) -> int:
    return int(order["receipt"]["number"].rpartition("-")[2])
