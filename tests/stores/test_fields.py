"""Secrets at rest, and keys that change."""

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from stores.fields import Unreadable
from stores.models import Account

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def raw(account: Account, name: str = "access_token") -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM stores_account WHERE id = %s", [account.pk])  # noqa: S608
        [text] = cursor.fetchone()
    return str(text)


def test_any_of_the_keys_reads_and_the_first_writes(account: Account, settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    Account.objects.update(access_token="APP_USR-1-2-secret-3")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    assert Account.objects.get().access_token == "APP_USR-1-2-secret-3"
    assert Fernet(OLD).decrypt(raw(account))
    Account.objects.update(access_token="APP_USR-1-2-other-3")
    assert Fernet(NEW).decrypt(raw(account)) == b"APP_USR-1-2-other-3"


def test_without_its_key_a_row_can_be_listed_but_its_secret_says_what_to_do(account: Account, settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    found = Account.objects.get()
    with pytest.raises(Unreadable, match=rf"stores\.Account {account.pk}, access_token.*FIELD_ENCRYPTION_KEYS"):
        _ = found.access_token
    assert "FIELD_ENCRYPTION_KEYS" in found.token_hint


def test_saving_a_row_that_was_not_opened_keeps_its_secret_as_it_is(account: Account, settings) -> None:
    before = raw(account)
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    found = Account.objects.get()
    found.sponsor_id = 7
    found.save()
    assert raw(account) == before
    assert Account.objects.get().sponsor_id == 7
