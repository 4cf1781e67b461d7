"""Webhooks are made with a command: one to an address, and only to what can be a receiver's."""

import json
import threading
from time import sleep

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from pos import hooks
from pos.models import Hook
from stores.models import Store


def test_a_webhook_is_made_with_the_command_and_its_secret_is_printed_once(pos, receiver, capsys) -> None:
    call_command("create_hook", "--pos", pos.external_id, "--url", receiver.url, "--json")
    printed = json.loads(capsys.readouterr().out)
    hook = Hook.objects.get()
    new = {"existing": False, "active": True}
    assert printed == {"id": hook.pk, "url": receiver.url, "secret": hooks.shown_secret(hook)} | new
    assert (hook.pos, hook.store, hook.is_active) == (pos, None, True)


def test_the_same_webhook_is_made_once_and_its_secret_is_not_shown_again(pos, store, receiver, capsys) -> None:
    for owner in (f"--pos={pos.external_id}", f"--store={store.external_id}"):
        call_command("create_hook", owner, "--url", receiver.url, "--json")
        first = json.loads(capsys.readouterr().out)
        call_command("create_hook", owner, "--url", receiver.url, "--json")
        again = json.loads(capsys.readouterr().out)
        assert again == first | {"secret": None, "existing": True}
        call_command("create_hook", owner, "--url", receiver.url)
        said = capsys.readouterr().out
        assert "New secret" in said
        assert "whsec_" not in said
    assert Hook.objects.count() == 2
    call_command("create_hook", f"--pos={pos.external_id}", "--url", f"{receiver.url}2")
    assert Hook.objects.count() == 3


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_who_make_the_same_webhook_at_once_make_one(store, receiver) -> None:
    made: list[bool] = []

    def make() -> None:
        made.append(hooks.make(url=receiver.url, store=store)[1])
        connection.close()

    threads = [threading.Thread(target=make) for _ in range(2)]
    with transaction.atomic():
        Store.objects.select_for_update(no_key=True).get(pk=store.pk)
        for thread in threads:
            thread.start()
        sleep(0.5)  # both have looked, and found none
    for thread in threads:
        thread.join()
    assert (sorted(made), Hook.objects.count()) == ([False, True], 1)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://user:secret@pump.example/", "user name and password"),
        ("https://user@pump.example/", "user name and password"),
        ("https://qr.example/hook", "of this installation"),
        ("https://QR.example.:8443/hook", "of this installation"),
        ("https://pump.example:99999/", "from 1 to 65535"),
        ("https://pump.example:0/", "from 1 to 65535"),
        ("javascript:alert(1)", r"begin with https:// \(or http:// where HOOKS_ALLOW_HTTP is on\)"),
        ("ftp://pump.example/", r"begin with https:// \(or http:// where HOOKS_ALLOW_HTTP is on\)"),
        ("https://[pump/", "begin with https://"),
    ],
)
def test_an_address_that_nobody_can_mean_is_refused_by_its_field(store, settings, capsys, url, says) -> None:
    settings.PUBLIC_URL = "https://qr.example"
    with pytest.raises(CommandError, match=f"^url: .*{says}"):
        call_command("create_hook", "--store", store.external_id, "--url", url, "--json")
    assert list(json.loads(capsys.readouterr().out)["errors"]) == ["url"]
    assert not Hook.objects.exists()


def test_where_private_networks_are_allowed_a_receiver_may_be_our_neighbor(store, settings) -> None:
    settings.HOOKS_ALLOW_HTTP, settings.PUBLIC_URL = True, "http://localhost:8000"
    with pytest.raises(CommandError, match="of this installation"):
        call_command("create_hook", "--store", store.external_id, "--url", "http://localhost:8000/hook")
    call_command("create_hook", "--store", store.external_id, "--url", "http://localhost:9000/hook")
    assert Hook.objects.count() == 1
