"""An integrator connects a seller: through the browser, with a state, once."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils.html import escape

from gateway.sites import SITES
from stores.models import Account, Application, Credentials, Errand
from tests.errands import work
from tests.factories import AccountFactory, ApplicationFactory
from tests.stores.conftest import API, grant, said

TOKEN = f"{API}/oauth/token"
BACK = "/admin/stores/application/connected/"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SELLER = 178106235


def begin(client: Client, application: Application) -> dict[str, str]:
    """Press the button; what the address of Mercado Pago's page says."""
    data = {"action": "connect", "_selected_action": [application.pk]}
    answer = client.post("/admin/stores/application/", data)
    assert answer.status_code == 200, answer.content
    page = answer.headers["Refresh"].partition("url=")[2]
    assert escape(page) in answer.content.decode()  # for browsers that do not go on by themselves
    address = urlsplit(page)
    query = {name: value for name, [value] in parse_qs(address.query).items()}
    return query | {"page": f"{address.scheme}://{address.netloc}{address.path}"}


def come_back(client: Client, **query: str):
    """To our page, and then to what came of it: a worker has done the call meanwhile."""
    answer = client.get(BACK, query)
    work()
    return client.get(answer.headers["Location"], follow=True)


@time_machine.travel(NOW, tick=False)
def test_a_seller_who_allows_it_becomes_an_account(manager: Client, application, mercado_pago) -> None:
    asked = begin(manager, application)
    mercado_pago.post(TOKEN, json=grant(SELLER))
    answer = come_back(manager, code="TG-code", state=asked["state"])
    account = Account.objects.get()
    assert answer.redirect_chain == [(f"/admin/stores/account/{account.pk}/change/", 302)]
    assert f"Seller {SELLER} is connected" in said(answer)
    assert (account.user_id, account.site_code, account.is_test) == (SELLER, "MLA", False)
    assert (account.application, account.sponsor_id) == (application, application.owner_id)
    assert (account.access_token, account.refresh_token) == (grant(SELLER)["access_token"], f"TG-granted-{SELLER}")
    assert account.token_expires_at == NOW + timedelta(days=180)
    assert account.token_due_at == NOW + timedelta(days=150)
    assert account.credentials_due_at == NOW
    sent = json.loads(mercado_pago.calls[0].request.body)
    assert len(mercado_pago.calls) == 1
    assert (sent["code"], sent["redirect_uri"]) == ("TG-code", f"http://localhost:8000{BACK}")
    page = answer.content.decode()
    for secret in (account.access_token, account.refresh_token, "client-secret-of-ours", "TG-code"):
        assert secret not in page


def test_the_page_that_mercado_pago_leads_back_to_calls_nobody_and_keeps_no_secret(
    manager: Client, application, mercado_pago
) -> None:
    state = begin(manager, application)["state"]
    answer = manager.get(BACK, {"code": "TG-code", "state": state}, follow=True)
    assert "data-pending" in answer.content.decode()
    assert not mercado_pago.calls
    errand = Errand.objects.get()
    assert "TG-code" not in json.dumps(errand.args)
    mercado_pago.post(TOKEN, json=grant(SELLER))
    work()
    errand.refresh_from_db()
    assert (errand.args, errand.failed, Account.objects.get().user_id) == ({}, 0, SELLER)


def test_a_worker_that_was_killed_over_it_does_not_use_the_code_again(manager, application, mercado_pago) -> None:
    state = begin(manager, application)["state"]
    manager.get(BACK, {"code": "TG-code", "state": state})
    Errand.objects.update(args={})
    work()
    assert "broke off" in Errand.objects.get().steps.get().sentence
    assert not mercado_pago.calls


@pytest.mark.parametrize("site", SITES)
def test_each_country_has_its_own_page(manager: Client, site: str) -> None:
    asked = begin(manager, ApplicationFactory.create(site_code=site))
    assert asked["page"] == f"https://auth.{SITES[site].domain}/authorization"
    assert asked["redirect_uri"] == f"http://localhost:8000{BACK}"
    assert (asked["response_type"], asked["platform_id"]) == ("code", "mp")


def test_a_state_is_long_and_never_the_same(manager: Client, application) -> None:
    states = {begin(manager, application)["state"] for _ in range(3)}
    assert len(states) == 3
    assert all(len(state) >= 43 for state in states)


def test_the_redirect_url_stands_on_the_applications_page(manager: Client, application) -> None:
    page = manager.get(f"/admin/stores/application/{application.pk}/change/").content.decode()
    assert f"http://localhost:8000{BACK}" in page


@pytest.mark.parametrize("state", ["", "other", "ñ"])
def test_an_answer_with_another_state_changes_nothing(manager: Client, application, mercado_pago, state) -> None:
    right = begin(manager, application)["state"]
    assert "no answer to a connection that was begun here" in said(come_back(manager, code="c", state=state))
    assert "no answer" in said(come_back(manager, code="c", state=right))  # a state may be tried once
    assert not mercado_pago.calls
    assert not Account.objects.exists()


def test_a_state_works_once(manager: Client, application, mercado_pago) -> None:
    state = begin(manager, application)["state"]
    mercado_pago.post(TOKEN, json=grant(SELLER))
    come_back(manager, code="c", state=state)
    assert "no answer" in said(come_back(manager, code="c", state=state))
    assert len(mercado_pago.calls) == 1


def test_a_state_works_for_ten_minutes(manager: Client, application, mercado_pago) -> None:
    with time_machine.travel(NOW, tick=False):
        state = begin(manager, application)["state"]
    with time_machine.travel(NOW + timedelta(minutes=10, seconds=1), tick=False):
        assert "no answer" in said(come_back(manager, code="c", state=state))
    assert not mercado_pago.calls


def test_a_state_belongs_to_who_began(manager: Client, application, mercado_pago) -> None:
    state = begin(manager, application)["state"]
    other = Client()
    other.force_login(User.objects.create_superuser("other"))
    assert "no answer" in said(come_back(other, code="c", state=state))
    assert not mercado_pago.calls


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"error": "access_denied"}, "did not allow it"),
        ({"error": "invalid_scope"}, "did not ask the seller: invalid_scope"),
        ({"error": "<script>"}, "did not ask the seller: ?"),
        ({}, "holds no code"),
    ],
)
def test_a_seller_who_does_not_allow_it_changes_nothing(manager, application, mercado_pago, query, says: str) -> None:
    state = begin(manager, application)["state"]
    assert says in said(come_back(manager, state=state, **query))
    assert not mercado_pago.calls
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"status": 400, "json": {"error": "invalid_grant", "message": "TG-code"}}, "redirect URL differs"),
        ({"status": 400, "json": {"error": "invalid_client"}}, "does not know this client id"),
        ({"status": 400, "json": {"error": "invalid_request"}}, "refused"),
        ({"status": 502}, "did not answer"),
        ({"json": {"user_id": 1}}, "refused"),
        ({"json": grant(SELLER, access_token="APP_USR-1-2-secret-999")}, "belongs to user 999"),
        ({"json": grant(SELLER, live_mode=False)}, "granted a test token, but the application is live"),
        ({"json": grant(SELLER, access_token=f"TEST-1-2-secret-{SELLER}")}, "for test accounts only"),
    ],
)
def test_what_mercado_pago_does_not_grant_is_said_plainly(manager, application, mercado_pago, answer, says) -> None:
    state = begin(manager, application)["state"]
    mercado_pago.post(TOKEN, **answer)
    shown = come_back(manager, code="TG-code", state=state)
    assert says in said(shown)
    for secret in ("TG-code", "-secret-", "client-secret-of-ours"):
        assert secret not in shown.content.decode()
    assert not Account.objects.exists()


def test_an_account_that_is_there_gets_the_new_tokens_and_keeps_the_rest(manager, application, mercado_pago) -> None:
    account = AccountFactory.create(
        sponsor_id=5, credentials=Credentials.WRONG_TOKEN, credentials_note={"text": "x", "values": {}}
    )
    state = begin(manager, application)["state"]
    mercado_pago.post(TOKEN, json=grant(account.user_id))
    come_back(manager, code="c", state=state)
    account.refresh_from_db()
    assert (account.application, account.sponsor_id) == (application, 5)
    assert (account.access_token, account.credentials) == (grant(account.user_id)["access_token"], "unknown")
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    ("theirs", "says"), [({"site_code": "MLB"}, "belongs to MLB"), ({"is_test": True}, "is a test account")]
)
def test_an_account_of_another_country_or_kind_is_refused(manager, application, mercado_pago, theirs, says) -> None:
    account = AccountFactory.create(**theirs)
    state = begin(manager, application)["state"]
    mercado_pago.post(TOKEN, json=grant(account.user_id))
    assert says in said(come_back(manager, code="c", state=state))
    kept = Account.objects.get()
    assert (kept.access_token, kept.application) == (account.access_token, None)


def test_an_integrators_own_account_has_no_sponsor(manager, application, mercado_pago) -> None:
    state = begin(manager, application)["state"]
    mercado_pago.post(TOKEN, json=grant(application.owner_id))
    come_back(manager, code="c", state=state)
    assert Account.objects.get().sponsor_id is None


def test_without_a_refresh_token_it_is_connected_and_waits_for_a_person(manager, application, mercado_pago) -> None:
    state = begin(manager, application)["state"]
    mercado_pago.post(TOKEN, json=grant(SELLER, refresh_token=None, scope="read write"))
    answer = come_back(manager, code="c", state=state)
    account = Account.objects.get()
    assert account.token_due_at is None
    assert "connect the seller again before" in answer.content.decode()
    assert list(Account.objects.with_wrong_credentials(NOW)) == [account]


def test_who_may_not_add_accounts_connects_nobody(application, mercado_pago) -> None:
    user = User.objects.create_user("looker", is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=("view_application", "see_all_stores")))
    looker = Client()
    looker.force_login(user)
    page = looker.get(f"/admin/stores/application/{application.pk}/change/").content.decode()
    assert "Connect a seller" not in page
    assert "client-secret-of-ours" not in page
    assert "…ours" in page
    looker.post("/admin/stores/application/", {"action": "connect", "_selected_action": [application.pk]})
    assert "connecting" not in looker.session
    assert looker.get(BACK, {"code": "c", "state": "s"}).status_code == 403
    assert Client().get(BACK, {"code": "c", "state": "s"}).status_code == 302  # to the log-in
    assert not mercado_pago.calls


def test_the_clients_secret_is_written_and_never_shown(manager: Client, application) -> None:
    url = f"/admin/stores/application/{application.pk}/change/"
    page = manager.get(url).content.decode()
    assert "client-secret-of-ours" not in page
    assert "…ours" in page
    form = {"name": "New name", "site_code": "MLA", "client_id": application.client_id, "owner_id": "5"}
    manager.post(url, form | {"client_secret": ""})
    application.refresh_from_db()
    assert (application.name, application.client_secret) == ("New name", "client-secret-of-ours")
    manager.post(url, form | {"client_secret": "another-secret"})
    application.refresh_from_db()
    assert application.client_secret == "another-secret"
    wrong = manager.post(url, form | {"client_secret": "third-secret", "client_id": "x"})
    assert "Digits only" in wrong.content.decode()
    assert "third-secret" not in wrong.content.decode()


def test_an_application_is_added_with_its_secret(manager: Client) -> None:
    form = {"name": "Ours", "site_code": "MLB", "client_id": "77", "owner_id": "5"}
    assert "required" in manager.post("/admin/stores/application/add/", form).content.decode()
    manager.post("/admin/stores/application/add/", form | {"client_secret": "the-secret"})
    assert Application.objects.get().client_secret == "the-secret"
