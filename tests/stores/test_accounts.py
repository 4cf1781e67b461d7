"""Live and test are never mixed, and a token is its account's."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from gateway.sites import SITES
from stores import accounts
from stores.models import Account, Application
from tests.factories import AccountFactory, ApplicationFactory, StoreFactory


def token(user_id: int, name: str = "first", prefix: str = "APP_USR") -> str:
    return f"{prefix}-1-112411-{name}-{user_id}"


def make(user_id: int = 7, site: str = "MLA", name: str = "first", **more) -> Account:
    return accounts.save(site=site, user_id=user_id, access_token=token(user_id, name), **more)


def test_there_are_accounts_of_all_seven_countries_at_once(db) -> None:
    for number, site in enumerate(SITES, start=1):
        make(number, site)
    assert set(Account.objects.values_list("site_code", flat=True)) == set(SITES)
    assert len(SITES) == 7


def test_another_token_keeps_what_it_was_made_as(db) -> None:
    make(is_test=True, sponsor_id=8)
    renewed = make(name="second")
    assert (renewed.is_test, renewed.sponsor_id, renewed.access_token) == (True, 8, token(7, "second"))


@pytest.mark.parametrize("is_test", [True, False])
def test_live_never_becomes_test_nor_test_live(db, is_test: bool) -> None:
    make(is_test=is_test)
    with pytest.raises(ValidationError, match="cannot replace"):
        make(name="second", is_test=not is_test)
    kept = Account.objects.get()
    assert (kept.is_test, kept.access_token) == (is_test, token(7))


def test_its_country_can_be_corrected_until_it_has_stores(db) -> None:
    account = make()
    with pytest.raises(ValidationError, match="--correct-site"):
        make(site="MLB", name="second")
    make(site="MLB", name="second", corrects_site=True)
    StoreFactory.create(account=account)
    with pytest.raises(ValidationError, match="belongs to MLB, which cannot become MLC"):
        make(site="MLC", name="third")
    kept = Account.objects.get()
    assert (kept.site_code, kept.access_token) == ("MLB", token(7, "second"))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (token(8), "belongs to user 8, not to 7"),
        ("abc", "no whole access token"),
        ("7", "no whole access token"),
        ("APP_USR-1-2-secretpart", "no whole access token"),
        (token(7, prefix="TEST"), "test accounts only"),
    ],
)
def test_a_token_that_cannot_be_the_accounts_is_refused_without_repeating_it(db, given: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says) as caught:
        accounts.save(site="MLA", user_id=7, access_token=given)
    assert "access_token" in caught.value.message_dict
    assert "secretpart" not in str(caught.value)
    assert not Account.objects.exists()


def test_a_sandbox_token_is_for_test_accounts(db) -> None:
    accounts.save(site="MLA", user_id=7, access_token=token(7, prefix="TEST"), is_test=True)
    assert Account.objects.get().is_test


def test_an_account_with_stores_or_an_application_stays_live_or_test(store, application: Application) -> None:
    connected = AccountFactory.create(application=application)
    for account in (store.account, connected):
        account.is_test = True
        with pytest.raises(ValidationError, match="never mixed"):
            account.full_clean()
    assert "stores or is connected" in str(_errors(store.account))
    store.account.is_test, store.account.site_code = False, "MLB"
    assert _errors(store.account) == {"site_code": ["It has stores or is connected: its site stays."]}


def _errors(account: Account) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        account.full_clean()
    return caught.value.message_dict


def test_a_test_account_is_not_of_a_live_application(application: Application) -> None:
    account = AccountFactory.build(application=application, is_test=True)
    assert "application differs" in str(_errors(account))


@pytest.mark.parametrize("change", [{"is_test": True}, {"site_code": "MLB"}])
def test_an_application_with_sellers_stays_what_it_is(application: Application, change) -> None:
    for name, value in change.items():
        setattr(application, name, value)
    application.full_clean()
    AccountFactory.create(application_id=application.pk)
    with pytest.raises(ValidationError, match="make another application"):
        application.full_clean()


def test_a_token_given_by_hand_ends_the_connection(application: Application) -> None:
    account = AccountFactory.create(
        application=application, refresh_token="TG-1", token_expires_at=timezone.now(), token_due_at=timezone.now()
    )
    accounts.replace_token(account, access_token=token(account.user_id, "by-hand"))
    account.refresh_from_db()
    assert account.access_token == token(account.user_id, "by-hand")
    assert (account.application, account.refresh_token) == (None, "")
    assert (account.token_expires_at, account.token_due_at) == (None, None)
    assert account.credentials_due_at is not None


def test_a_client_id_is_of_digits(db) -> None:
    with pytest.raises(ValidationError, match="Digits only"):
        ApplicationFactory.build(client_id="abc").full_clean()
