"""What webhooks are told arrives: signed, in order, again and again until it is taken or given up."""

import base64
import hashlib
import hmac
import json
import socket
import threading
from datetime import UTC, datetime, timedelta
from time import sleep, time

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from pos import hooks, tasks
from pos.delivery import GIVE_UP_AFTER
from pos.models import Hook, HookDelivery
from tests.factories import PosFactory
from tests.pos.receiver import listening

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def tell(pos, *events: str) -> None:
    for event in events:
        hooks.tell(pos, event, lambda: {"order": {"id": 1}})


def states() -> list[str]:
    return [
        "delivered" if d.delivered_at else "given up" if d.failed_at else "waiting"
        for d in HookDelivery.objects.order_by("pk")
    ]


# --- signed ----------------------------------------------------------------------------------------------------------
def test_a_receiver_can_check_who_sent_it(pos, hook, receiver) -> None:
    tell(pos, "order.closed")
    tasks.send_to_hook(hook.pk)
    [(headers, body)] = receiver.got
    secret = base64.b64decode(hooks.shown_secret(hook).removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    expected = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(time() - int(headers["webhook-timestamp"])) < 10
    assert headers["content-type"] == "application/json"
    assert json.loads(body)["id"] == headers["webhook-id"]
    assert json.loads(body)["order"] == {"id": 1}
    assert 24 <= len(secret) <= 64


def test_after_a_new_secret_the_old_one_is_worth_nothing(pos, hook, receiver) -> None:
    before = hooks.shown_secret(hook)
    after = hooks.renew_secret(hook)
    assert before != after
    assert hooks.shown_secret(Hook.objects.get()) == after


def test_a_secret_is_encrypted_at_rest(hook) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM pos_hook")
        [stored] = cursor.fetchone()
    assert hook.secret not in stored


# --- in order --------------------------------------------------------------------------------------------------------
def test_all_that_waits_is_sent_in_the_order_of_what_happened(pos, hook, receiver) -> None:
    tell(pos, "order.created", "order.updated", "order.closed")
    tasks.send_to_hook(hook.pk)
    assert receiver.events() == ["order.created", "order.updated", "order.closed"]
    assert states() == ["delivered"] * 3
    assert HookDelivery.objects.order_by("pk")[0].answer == "200 OK thanks"


def test_the_next_is_not_sent_before_the_one_in_front_was_taken(pos, hook, receiver) -> None:
    receiver.statuses = [500]
    tell(pos, "order.created", "order.closed")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(3):
            tasks.send_to_hook(hook.pk)
        assert receiver.events() == ["order.created"]
        clock.shift(5)
        tasks.send_to_hook(hook.pk)
    assert receiver.events() == ["order.created", "order.created", "order.closed"]
    assert receiver.got[0][0]["webhook-id"] == receiver.got[1][0]["webhook-id"]


def test_a_dead_receiver_delays_no_other(pos, hook, receiver) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        dead = Hook.objects.create(pos=pos, url=f"http://127.0.0.1:{nobody.getsockname()[1]}/")
        tell(pos, "order.created")
        for hook_id in hooks.due():
            tasks.send_to_hook(hook_id)
    assert receiver.events() == ["order.created"]
    assert dead.deliveries.get().delivered_at is None
    assert "refused" in dead.deliveries.get().answer


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_it_once(pos, hook, receiver) -> None:
    receiver.hold = threading.Event()
    tell_committed(pos, "order.created", "order.closed")

    def work() -> None:
        tasks.send_to_hook(hook.pk)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    sleep(0.5)
    assert receiver.events() == ["order.created"]
    receiver.hold.set()
    for thread in threads:
        thread.join()
    assert receiver.events() == ["order.created", "order.closed"]


def tell_committed(pos, *events: str) -> None:
    with transaction.atomic():
        tell(pos, *events)


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_woken_when_it_is_committed_and_not_before(pos, hook, monkeypatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr(tasks.send_to_hook, "delay", woken.append)
    with transaction.atomic():
        tell(pos, "order.created")
        assert woken == []
    assert woken == [hook.pk]
    with transaction.atomic():
        tell(pos, "order.closed")
        transaction.set_rollback(True)
    assert woken == [hook.pk]
    assert HookDelivery.objects.count() == 1


# --- again and again -------------------------------------------------------------------------------------------------
def test_the_pauses_grow_to_an_hour_and_after_a_day_the_next_goes_on(pos, hook, receiver) -> None:
    pauses = []
    with time_machine.travel(NOON, tick=False) as clock:
        tell(pos, "order.created")
        first = HookDelivery.objects.get()
        clock.shift(3600)
        tell(pos, "order.closed")
        clock.move_to(NOON)
        while states()[0] == "waiting":
            receiver.statuses = [503]
            tasks.send_to_hook(hook.pk)
            first.refresh_from_db()
            if first.due_at:
                pauses.append(int((first.due_at - timezone.now()).total_seconds()))
                clock.move_to(first.due_at)
        assert first.failed_at is not None
        assert GIVE_UP_AFTER < first.failed_at - NOON <= GIVE_UP_AFTER + timedelta(hours=1)
    assert pauses[:4] == [5, 10, 20, 40]
    assert max(pauses) == pauses[-1] == 3600
    assert receiver.events()[-1] == "order.closed"
    assert states() == ["given up", "delivered"]
    assert first.answer == "503 Service Unavailable thanks"


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 429, 500, 503])
def test_what_is_no_2xx_was_not_taken_and_no_redirect_is_followed(pos, hook, receiver, status) -> None:
    receiver.statuses = [status]
    tell(pos, "order.created")
    tasks.send_to_hook(hook.pk)
    assert (states(), len(receiver.got)) == (["waiting"], 1)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_each_2xx_takes_it(pos, hook, receiver, status) -> None:
    receiver.statuses = [status]
    tell(pos, "order.created")
    tasks.send_to_hook(hook.pk)
    assert states() == ["delivered"]


def test_410_switches_the_webhook_off(pos, hook, receiver) -> None:
    receiver.statuses = [410]
    tell(pos, "order.created", "order.closed")
    tasks.send_to_hook(hook.pk)
    hook.refresh_from_db()
    assert (hook.is_active, states(), len(receiver.got)) == (False, ["given up", "waiting"], 1)
    assert "switched off" in HookDelivery.objects.order_by("pk")[0].answer
    assert hooks.due() == []
    tell(pos, "order.updated")
    assert HookDelivery.objects.count() == 2


def test_of_an_answer_only_a_short_readable_line_is_kept(pos, hook, receiver) -> None:
    receiver.says = "oh\x00\n<b>" + "x" * 100_000
    receiver.statuses = [500]
    tell(pos, "order.created")
    tasks.send_to_hook(hook.pk)
    line = HookDelivery.objects.get().answer
    assert line.startswith("500 Internal Server Error oh <b>x")
    assert len(line) <= 300


@pytest.mark.parametrize("kind", ["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml"])
def test_of_a_page_of_html_only_the_status_is_kept(pos, hook, receiver, kind) -> None:
    receiver.says, receiver.kind, receiver.statuses = "<html><h1>Forbidden</h1>", kind, [403]
    tell(pos, "order.created")
    tasks.send_to_hook(hook.pk)
    assert HookDelivery.objects.get().answer == "403 Forbidden"


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "application/problem+json"])
def test_of_text_and_json_the_first_200_characters_are_kept(pos, hook, receiver, kind) -> None:
    receiver.says, receiver.kind, receiver.statuses = "é" * 1000, kind, [403]
    tell(pos, "order.created")
    tasks.send_to_hook(hook.pk)
    status, said = HookDelivery.objects.get().answer.split(" Forbidden ")
    assert (status, said[:50]) == ("403", "é" * 50)
    assert len(said) <= 200


def test_what_a_dead_worker_left_is_sent_by_the_next(pos, hook, receiver) -> None:
    tell(pos, "order.created")
    HookDelivery.objects.update(due_at=timezone.now() + hooks.LEASE, attempts=1)  # taken, and never heard of again
    assert hooks.due() == []
    with time_machine.travel(timezone.now() + hooks.LEASE * 2):
        assert hooks.due() == [hook.pk]
        tasks.send_to_hook(hook.pk)
    assert states() == ["delivered"]


# --- redelivered -----------------------------------------------------------------------------------------------------
def test_what_was_given_up_is_sent_again_when_somebody_says_so(pos, hook, receiver) -> None:
    tell(pos, "order.created")
    HookDelivery.objects.update(due_at=None, failed_at=timezone.now())
    assert hooks.redeliver(HookDelivery.objects.all()) == 1
    tasks.send_to_hook(hook.pk)
    assert (states(), receiver.events()) == (["delivered"], ["order.created"])


def test_what_is_being_sent_is_not_sent_beside_itself(pos, hook) -> None:
    tell(pos, "order.created")
    HookDelivery.objects.update(due_at=timezone.now() + hooks.LEASE, attempts=1)
    assert hooks.redeliver(HookDelivery.objects.all()) == 0
    assert hooks.due() == []
    HookDelivery.objects.update(due_at=timezone.now() + timedelta(hours=1))
    assert hooks.redeliver(HookDelivery.objects.all()) == 1
    assert hooks.due() == [hook.pk]


def test_old_deliveries_are_forgotten_after_ninety_days_in_batches(pos, hook, monkeypatch) -> None:
    tell(pos, *["order.updated"] * 5)
    HookDelivery.objects.update(due_at=None, created_at=timezone.now() - timedelta(days=91))
    tell(pos, "order.closed")
    HookDelivery.objects.filter(event="order.closed").update(created_at=timezone.now() - timedelta(days=91))
    again: list[bool] = []
    monkeypatch.setattr(tasks, "_HOOKS_BATCH", 3)
    monkeypatch.setattr(tasks.purge_hooks, "delay", lambda: again.append(True))
    tasks.purge_hooks()
    assert (HookDelivery.objects.count(), again) == (3, [True])
    tasks.purge_hooks()
    assert [d.event for d in HookDelivery.objects.all()] == ["order.closed"]  # it waits still
    assert again == [True]


# --- who is told -----------------------------------------------------------------------------------------------------
def test_a_webhook_hears_of_its_own_store_or_point_of_sale_only(store, pos) -> None:
    other = PosFactory.create(store=store)
    stranger = PosFactory.create()
    of_store = Hook.objects.create(store=store, url="https://a.example/")
    of_pos = Hook.objects.create(pos=pos, url="https://b.example/")
    Hook.objects.create(pos=pos, url="https://off.example/", is_active=False)
    tell(pos, "order.created")
    tell(other, "order.closed")
    tell(stranger, "order.expired")
    assert [d.event for d in of_store.deliveries.order_by("pk")] == ["order.created", "order.closed"]
    assert [d.event for d in of_pos.deliveries.all()] == ["order.created"]
    assert HookDelivery.objects.count() == 3


def test_who_has_no_webhook_pays_one_query(pos, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        tell(pos, "order.created")


# --- where it may go -------------------------------------------------------------------------------------------------
ALWAYS = [
    "169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "0.0.0.0", "224.0.0.1", "100.100.100.200",  # noqa: S104
    "[fd00:ec2::254]",
]  # fmt: skip
FORBIDDEN = [
    *ALWAYS, "127.0.0.1", "[::1]", "10.0.0.1", "192.168.1.1", "[::ffff:10.0.0.1]", "2130706433", "localhost",
]  # fmt: skip


@pytest.mark.parametrize("host", FORBIDDEN)
def test_an_address_of_a_private_network_is_refused_when_it_is_typed_and_nothing_is_made(store, host) -> None:
    with pytest.raises(CommandError, match="url:"):
        call_command("create_hook", "--store", store.external_id, "--url", f"https://{host}/hook")
    assert not Hook.objects.exists()


@pytest.mark.parametrize("host", FORBIDDEN)
def test_an_address_of_a_private_network_is_refused_when_it_is_sent_to(pos, store, host) -> None:
    Hook.objects.create(store=store, url=f"https://{host}/hook")
    tell(pos, "order.created")
    for hook_id in hooks.due():
        tasks.send_to_hook(hook_id)
    assert states() == ["waiting"]
    assert "address" in HookDelivery.objects.get().answer or "private" in HookDelivery.objects.get().answer


@pytest.mark.parametrize("host", ALWAYS)
def test_a_clouds_own_addresses_are_refused_also_where_private_networks_are_allowed(settings, store, host) -> None:
    settings.HOOKS_ALLOW_HTTP = True
    with pytest.raises(CommandError, match="no receiver's address"):
        call_command("create_hook", "--store", store.external_id, "--url", f"http://{host}/")


@pytest.mark.parametrize("url", ["http://pump.example/", "ftp://pump.example/", "javascript:x", "pump", "", "https://"])
def test_an_address_that_is_not_https_is_refused(store, url) -> None:
    with pytest.raises(CommandError, match="url:"):
        call_command("create_hook", "--store", store.external_id, "--url", url)
    assert not Hook.objects.exists()


def test_a_name_that_changes_its_mind_is_caught_at_the_connection(pos, store, settings, monkeypatch) -> None:
    """A name that resolves to a good address when looked at, and to this machine when connected to."""
    with listening() as receiver:
        port = int(receiver.url.split(":")[2].split("/")[0])
        real, asked = socket.getaddrinfo, []

        def resolve(host, *arguments, **options):
            if host != "pump.example":
                return real(host, *arguments, **options)
            asked.append(host)
            address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        Hook.objects.create(store=store, url=f"https://pump.example:{port}/")
        tell(pos, "order.created")
        tasks.send_to_hook(hooks.due()[0])
        assert len(asked) == 2
        assert "127.0.0.1" in HookDelivery.objects.get().answer
        assert receiver.got == []


def test_a_slow_receiver_gives_the_worker_back_after_its_turn(pos, hook, receiver, monkeypatch) -> None:
    monkeypatch.setattr("pos.delivery._TURN", 0.001)
    receiver.statuses = [200] * 3
    tell(pos, "order.created", "order.updated", "order.closed")
    tasks.send_to_hook(hook.pk)
    assert states() == ["delivered", "waiting", "waiting"]
    assert hooks.due() == [hook.pk]
