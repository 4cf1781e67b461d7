"""Webhooks, for people."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import sync_playwright

from pos import hooks, tasks
from pos.models import Hook, HookDelivery
from stores.models import Errand
from tests.errands import work

HOOK, DELIVERY = "/admin/pos/hook/", "/admin/pos/hookdelivery/"


def said(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def act(client, url: str, action: str, *rows, **fields):
    data = {"action": action, "_selected_action": [row.pk for row in rows]} | fields
    return client.post(url, data, follow=True)


def test_a_new_webhooks_secret_is_shown_once(admin_client, store, receiver) -> None:
    fields = {"store": store.pk, "url": receiver.url, "is_active": "on"}
    answer = admin_client.post(f"{HOOK}add/", fields, follow=True)
    hook = Hook.objects.get()
    assert hooks.shown_secret(hook) in said(answer)
    page = admin_client.get(f"{HOOK}{hook.pk}/change/").content.decode()
    assert hook.secret not in page
    assert "whsec_" not in page


def test_a_new_secret_is_shown_and_replaces_the_old_one(admin_client, hook) -> None:
    before = hook.secret
    answer = act(admin_client, HOOK, "new_secret", hook)
    hook.refresh_from_db()
    assert hook.secret != before
    assert re.findall(r"whsec_\S+", said(answer)) == [hooks.shown_secret(hook)]
    assert not said(answer).startswith(hook.url)  # the page begins messages with a capital letter


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"url": "http://pump.example/"}, "url"),
        ({"url": "https://169.254.169.254/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "nonsense"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://user:secret@pump.example/"}, "url"),
        ({"url": "https://pump.example:99999/"}, "url"),
        ({"url": "https://localhost/"}, "url"),
        ({"url": ""}, "url"),
        ({"url": "https://pump.example/", "store": ""}, "__all__"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused(admin_client, store, fields, error) -> None:
    answer = admin_client.post(f"{HOOK}add/", {"store": store.pk} | fields)
    assert list(answer.context["adminform"].form.errors) == [error]
    assert not Hook.objects.exists()


def test_an_address_has_one_webhook_of_a_store(admin_client, hook) -> None:
    fields = {"store": hook.store_id, "url": hook.url, "is_active": "on"}
    answer = admin_client.post(f"{HOOK}add/", fields)
    errors = answer.context["adminform"].form.errors
    assert errors == {"url": ["There is a webhook to this address already."]}
    assert Hook.objects.count() == 1
    assert admin_client.post(f"{HOOK}{hook.pk}/change/", fields).status_code == 302


def test_what_an_address_begins_with_is_said_also_when_one_is_changed(admin_client, hook) -> None:
    answer = admin_client.post(f"{HOOK}{hook.pk}/change/", {"store": hook.store_id, "url": "javascript:alert(1)"})
    says = "The address must begin with https:// (or http:// where HOOKS_ALLOW_HTTP is on)."
    assert answer.context["adminform"].form.errors == {"url": [says]}


def cells(page: str, name: str) -> list[str]:
    return [unescape(text) for text in re.findall(rf'field-{name}[^"]*">(?:<a[^>]*>)?([^<]*)', page)]


def test_the_list_says_which_delivery_waits_for_another(admin_client, hook, receiver) -> None:
    receiver.statuses = [500]
    for _ in range(3):
        hooks.ping(hook)
    tasks.send_to_hook(hook.pk)
    page = admin_client.get(DELIVERY).content.decode()
    queued = "waits for the one before it"
    [*behind, first] = cells(page, "next_try")
    assert behind == [queued, queued]
    assert first not in ("", "-", queued)
    assert cells(page, "attempts") == ["0", "0", "1"]
    last = HookDelivery.objects.latest("pk")
    assert queued in admin_client.get(f"{DELIVERY}{last.pk}/change/").content.decode()
    tasks.send_to_hook(hook.pk)
    HookDelivery.objects.update(due_at=None, delivered_at=timezone.now())
    assert queued not in admin_client.get(DELIVERY).content.decode()


def test_a_long_answer_is_short_in_the_list_and_whole_on_its_page(admin_client, hook) -> None:
    hooks.ping(hook)
    HookDelivery.objects.update(answer="500 " + "x" * 290)
    [shown] = cells(admin_client.get(DELIVERY).content.decode(), "short_answer")
    assert (len(shown), shown[-1]) == (80, "…")
    delivery = HookDelivery.objects.get()
    assert "500 " + "x" * 290 in admin_client.get(f"{DELIVERY}{delivery.pk}/change/").content.decode()


def test_what_matters_comes_first_in_the_list(admin_client, hook) -> None:
    hooks.ping(hook)
    page = admin_client.get(DELIVERY).content.decode()
    columns = re.findall(r'class="field-(\w+)', page)
    assert columns[:4] == ["state", "attempts", "next_try", "short_answer"]


@pytest.mark.browser
def test_state_and_last_answer_are_seen_without_scrolling(live_server, transactional_db, store) -> None:
    hook = Hook.objects.create(store=store, url="https://pump.example/" + "controllers/" * 20)
    for _ in range(3):
        hooks.ping(hook)
    HookDelivery.objects.update(answer="503 Service Unavailable " + "come back later " * 17)
    client = Client()
    client.force_login(User.objects.create_superuser("manager"))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.goto(f"{live_server.url}{DELIVERY}")
        for name in ("state", "attempts", "next_try", "short_answer", "event"):
            box = page.locator(f"td.field-{name}, th.field-{name}").first.bounding_box()
            seen = page.locator("#changelist .results").bounding_box()
            assert box
            assert seen
            assert box["x"] + box["width"] <= seen["x"] + seen["width"], name
        browser.close()


def test_a_test_event_is_sent_by_a_worker_and_what_came_of_it_is_said(admin_client, hook, receiver) -> None:
    answer = act(admin_client, HOOK, "send_test", hook)
    assert "data-pending" in answer.content.decode()
    assert receiver.events() == []
    work()
    assert receiver.events() == ["ping"]
    assert "was taken: 200" in said(admin_client.get(f"{answer.request['PATH_INFO']}?soon=1", follow=True))


def test_a_test_event_that_is_not_taken_says_what_the_receiver_said(admin_client, hook, receiver) -> None:
    receiver.statuses = [500]
    act(admin_client, HOOK, "send_test", hook)
    work()
    assert "was not taken: 500" in Errand.objects.get().steps.get().sentence


def test_a_test_event_behind_one_that_is_not_taken_says_so(admin_client, hook, receiver) -> None:
    hooks.ping(hook)
    HookDelivery.objects.update(due_at=timezone.now() + timedelta(hours=1), attempts=9, answer="500 oh")
    act(admin_client, HOOK, "send_test", hook)
    work()
    assert "an event before it was not taken" in Errand.objects.get().steps.get().sentence


def test_a_webhook_that_is_switched_off_says_so_instead(admin_client, hook) -> None:
    Hook.objects.update(is_active=False)
    act(admin_client, HOOK, "send_test", hook)
    work()
    assert "switched off" in Errand.objects.get().steps.get().sentence
    assert not HookDelivery.objects.exists()


@pytest.fixture
def given_up(hook, receiver) -> list[HookDelivery]:
    for _ in range(3):
        hooks.ping(hook)
    HookDelivery.objects.update(due_at=None, failed_at=timezone.now())
    return list(HookDelivery.objects.all())


def test_one_or_many_are_redelivered(admin_client, hook, given_up, receiver) -> None:
    act(admin_client, DELIVERY, "redeliver", given_up[0])
    tasks.send_to_hook(hook.pk)
    assert len(receiver.got) == 1
    assert "3" in said(act(admin_client, DELIVERY, "redeliver", *given_up))
    tasks.send_to_hook(hook.pk)
    assert len(receiver.got) == 4
    assert HookDelivery.objects.exclude(delivered_at=None).count() == 3


def test_what_need_not_be_delivered_leaves_the_front_page(admin_client, given_up) -> None:
    assert "Webhook that nobody takes" in admin_client.get("/admin/").content.decode()
    act(admin_client, DELIVERY, "drop", *given_up)
    assert "Webhook that nobody takes" in admin_client.get("/admin/").content.decode()
    act(admin_client, DELIVERY, "drop", *given_up, apply="1", reason="the pump was replaced")
    assert "Webhook that nobody takes" not in admin_client.get("/admin/").content.decode()
    assert hooks.due() == []


@pytest.mark.parametrize(("state", "count"), [("waiting", 1), ("delivered", 0), ("given_up", 2), ("dropped", 0)])
def test_deliveries_are_listed_by_their_state(admin_client, given_up, state, count) -> None:
    hooks.redeliver(HookDelivery.objects.filter(pk=given_up[0].pk))
    assert admin_client.get(DELIVERY, {"state": state}).context["cl"].result_count == count


def test_a_mended_address_is_tried_at_once(admin_client, hook, receiver) -> None:
    hooks.ping(hook)
    HookDelivery.objects.update(due_at=timezone.now() + hooks.LEASE * 30)
    fields = {"store": hook.store_id, "url": receiver.url + "2", "is_active": "on"}
    admin_client.post(f"{HOOK}{hook.pk}/change/", fields)
    assert hooks.due() == [hook.pk]
