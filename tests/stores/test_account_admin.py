"""The pages of accounts: tokens go in and never come out."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from stores.admin import AccountAdmin
from stores.models import Account, Credentials
from tests.errands import ask_and_work
from tests.factories import AccountFactory
from tests.stores.conftest import API, said

LIST = "/admin/stores/account/"
FORM = {"site_code": "MLB", "user_id": "446566691", "access_token": "APP_USR-1-112411-pasted-446566691"}


def page(account: Account) -> str:
    return f"{LIST}{account.pk}/change/"


def act(client: Client, action: str, *accounts: Account, **fields: str):
    data = {"action": action, "_selected_action": [account.pk for account in accounts]} | fields
    return ask_and_work(client, LIST, data)


def errors(answer) -> list[str]:
    return re.findall(r'<ul class="errorlist[^>]*><li>(.*?)</li>', answer.content.decode())


def test_an_account_is_added_with_its_token(manager: Client, db) -> None:
    assert 'type="password" name="access_token"' in manager.get(f"{LIST}add/").content.decode()
    answer = manager.post(f"{LIST}add/", FORM | {"is_test": "on"}, follow=True)
    account = Account.objects.get()
    assert (account.site_code, account.user_id, account.is_test) == ("MLB", 446566691, True)
    assert account.access_token == FORM["access_token"]
    assert account.credentials_due_at is not None
    assert "pasted" not in answer.content.decode()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"user_id": "5"}, "belongs to user 446566691, not to 5"),
        ({"access_token": "pasted"}, "no whole access token"),
        ({"access_token": "TEST-1-112411-pasted-446566691"}, "test accounts only"),
        ({"access_token": ""}, "required"),
        ({"sponsor_id": "446566691"}, "must differ"),
        ({"site_code": "MLV"}, "valid choice"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_the_token_is_not_sent_back(manager, change, says: str) -> None:
    answer = manager.post(f"{LIST}add/", FORM | change)
    assert says in " ".join(errors(answer))
    assert "pasted" not in answer.content.decode()
    assert not Account.objects.exists()


def test_a_user_who_has_an_account_is_not_added_twice(manager: Client) -> None:
    AccountFactory.create(user_id=446566691)
    assert "renew its token there" in " ".join(errors(manager.post(f"{LIST}add/", FORM)))


def test_a_token_is_renewed_on_a_page_of_its_own(manager: Client, account: Account) -> None:
    assert "never shown" in act(manager, "renew_token", account).content.decode()
    wrong = act(manager, "renew_token", account, apply="1", access_token="APP_USR-1-2-pasted-999")
    assert "belongs to user 999" in " ".join(errors(wrong))
    assert "pasted" not in wrong.content.decode()
    fresh = f"APP_USR-1-2-pasted-{account.user_id}"
    answer = act(manager, "renew_token", account, apply="1", access_token=fresh)
    assert "was replaced" in said(answer)
    assert "pasted" not in answer.content.decode()
    assert Account.objects.get().access_token == fresh
    history = manager.get(f"{LIST}{account.pk}/history/").content.decode()
    assert "Changed Access token" in history or "Changed access token" in history
    assert "pasted" not in history


def test_a_token_that_no_key_opens_is_listed_and_can_be_replaced(manager: Client, account: Account, settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["ZGV2ZWxvcG1lbnQtb25seS1ub3QtYS1zZWNyZXQtISE="]
    for address in (LIST, page(account)):
        answer = manager.get(address)
        assert answer.status_code == 200
        assert "FIELD_ENCRYPTION_KEYS" in answer.content.decode()
    fresh = f"APP_USR-1-2-pasted-{account.user_id}"
    act(manager, "renew_token", account, apply="1", access_token=fresh)
    assert Account.objects.get().access_token == fresh


def test_the_outcome_of_a_test_is_on_the_page_when_the_worker_is_done(manager, account: Account, mercado_pago) -> None:
    mercado_pago.get(f"{API}/users/me", json={"id": 999, "site_id": "MLA"})
    answer = act(manager, "test_credentials", account)
    assert answer.redirect_chain[-1][0] == page(account)
    assert "belongs to user 999 (MLA)" in said(answer)
    assert "belongs to user 999 (MLA)" in manager.get(page(account)).content.decode()


def test_live_or_test_can_be_corrected_until_there_are_stores(manager: Client, store) -> None:
    free = AccountFactory.create()
    for account in (free, store.account):
        manager.post(
            page(account), {"dialect": "v1", "is_test": "on", "is_active": "on", "marketplace_fee_percentage": "0"}
        )
    assert list(Account.objects.order_by("-pk").values_list("is_test", flat=True)) == [True, False]
    assert 'name="is_test"' in manager.get(page(free)).content.decode()
    assert 'name="is_test"' not in manager.get(page(store.account)).content.decode()


def test_saving_the_page_does_not_bring_an_old_token_back(manager: Client, account: Account, monkeypatch) -> None:
    """A renewal that comes between the reading and the writing of the form."""
    save_model = AccountAdmin.save_model

    def renewed_meanwhile(self, *arguments):
        Account.objects.update(refresh_token="TG-second", access_token=f"APP_USR-1-2-second-{account.user_id}")
        save_model(self, *arguments)

    monkeypatch.setattr(AccountAdmin, "save_model", renewed_meanwhile)
    manager.post(
        page(account), {"dialect": "v2", "sponsor_id": "5", "is_active": "on", "marketplace_fee_percentage": "0"}
    )
    kept = Account.objects.get()
    assert (kept.dialect, kept.sponsor_id, kept.refresh_token) == ("v2", 5, "TG-second")
    assert "-second-" in kept.access_token


def test_who_may_only_look_changes_and_adds_nothing_and_sees_no_secret(account: Account) -> None:
    user = User.objects.create_user("looker", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=("view_account", "see_all_stores")))
    looker = Client()
    looker.force_login(user)
    shown = looker.get(page(account)).content.decode()
    assert str(account.user_id) in shown
    assert account.access_token[-4:] not in shown.replace(str(account.user_id), "")
    assert account.notification_token not in shown
    assert 'value="test_credentials"' not in shown
    assert 'value="renew_token"' not in shown
    act(looker, "renew_token", account, apply="1", access_token=f"APP_USR-1-2-pasted-{account.user_id}")
    assert "pasted" not in Account.objects.get().access_token
    assert looker.get(f"{LIST}add/").status_code == 403


def test_the_front_page_leads_to_just_the_accounts_whose_credentials_are_wrong(manager: Client) -> None:
    for state in Credentials:
        AccountFactory.create(credentials=state)
    AccountFactory.create(credentials=Credentials.GOOD, token_expires_at=timezone.now())
    waiting = {str(one.label): one.count for one in manager.get("/admin/").context["waiting"]}
    assert waiting == {"wrong credentials": 3}
    listed = manager.get(f"{LIST}?wrong=yes")
    assert listed.context["cl"].result_count == 3
