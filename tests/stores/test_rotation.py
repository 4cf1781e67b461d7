"""The command that lets an old key go."""

import json
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from pos.models import Hook
from stores import rotation
from stores.models import Account, Application, Store
from tests.factories import AccountFactory, ApplicationFactory
from tests.stores.test_fields import NEW, OLD, raw


def run(*arguments: str) -> tuple[Any, str]:
    """What it printed, and its error."""
    out, error = StringIO(), ""
    try:
        call_command("rotate_encryption_keys", "--json", *arguments, stdout=out)
    except CommandError as caught:
        error = str(caught)
    return json.loads(out.getvalue()), error


@pytest.fixture
def secrets(store: Store, settings) -> None:
    """Five, of three models, written with the old key."""
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    Account.objects.update(access_token="APP_USR-1-2-secret-3", webhook_secret="hook")
    AccountFactory.create()
    ApplicationFactory.create()
    Hook.objects.create(store=store, url="https://x.example")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]


@pytest.mark.parametrize("batch", ["1", "2", "500"])
def test_every_secret_of_every_model_gets_the_first_key(secrets: None, settings, batch: str) -> None:
    assert run("--check") == (
        {"secrets": 5, "with_older_key": 5, "sealed_anew": 0, "unreadable": []},
        "Secrets need an older key still: run this without --check.",
    )
    assert run(f"--batch={batch}")[0]["sealed_anew"] == 5
    assert run("--check") == ({"secrets": 5, "with_older_key": 0, "sealed_anew": 0, "unreadable": []}, "")
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert Account.objects.get(webhook_secret__gt="").access_token == "APP_USR-1-2-secret-3"
    assert Application.objects.get().client_secret == "client-secret-of-ours"
    assert Hook.objects.get().secret


def test_running_it_again_changes_nothing(secrets: None, account: Account) -> None:
    run()
    before = raw(account)
    assert run() == ({"secrets": 5, "with_older_key": 0, "sealed_anew": 0, "unreadable": []}, "")
    assert raw(account) == before


def test_a_secret_that_no_key_opens_is_named_and_the_rest_goes_on(secrets: None, account: Account, settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    Account.objects.filter(pk=account.pk).update(access_token="APP_USR-1-2-lost-3")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    done, error = run()
    assert done["unreadable"] == [{"model": "stores.Account", "pk": account.pk, "field": "access_token"}]
    assert (done["secrets"], done["sealed_anew"]) == (5, 4)
    assert "put theirs back" in error


def test_a_token_that_was_renewed_meanwhile_is_not_overwritten(secrets: None, account: Account) -> None:
    """What a rotation that read the row a moment ago does to it now."""
    stale = raw(account)
    Account.objects.filter(pk=account.pk).update(access_token="APP_USR-1-2-renewed-3")
    tally = rotation.Tally()
    rotation._seal_anew(tally, Account, "access_token", account.pk, stale, only_look=False)
    assert tally.sealed_anew == 0
    assert Account.objects.get(pk=account.pk).access_token == "APP_USR-1-2-renewed-3"


def test_a_batch_of_none_is_wrong_use(db) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("rotate_encryption_keys", "--batch=0")
    assert caught.value.returncode == 2
