"""The whole walk over real HTTP: connect, test, renew, withdraw; with the simulator as Mercado Pago."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from django.test import Client
from django.utils import timezone

from stores import connecting, tasks
from stores.models import Account, Application, Credentials
from tests.errands import work
from tests.simulator.process import Simulator
from tests.stores.conftest import said

SELLER = 446566699


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    running = Simulator(tmp_path_factory.mktemp("simulator") / "state.json")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def at_the_simulator(simulator: Simulator, application: Application, settings) -> Simulator:
    settings.MERCADO_PAGO_API_URL = settings.MERCADO_PAGO_AUTH_URL = simulator.url
    knob(simulator, f"applications/{application.client_id}", client_secret=application.client_secret,
         redirect_uri=connecting.callback_url(), site="MLA")  # fmt: skip
    return simulator


def knob(simulator: Simulator, what: str, **body: object) -> None:
    requests.put(f"{simulator.url}/simulator/{what}", json=body, timeout=5).raise_for_status()


def connect(manager: Client, application: Application, answer: str):
    begun = manager.post("/admin/stores/application/", {"action": "connect", "_selected_action": [application.pk]})
    form = {"seller": SELLER, "answer": answer}
    back = requests.post(begun.headers["Refresh"].partition("url=")[2], data=form, timeout=5, allow_redirects=False)
    asked = manager.get(back.headers["Location"].removeprefix("http://localhost:8000"))
    work()
    return manager.get(asked.headers["Location"], follow=True)


def test_from_the_button_to_the_end_of_the_connection(manager, application, at_the_simulator: Simulator) -> None:
    assert "did not allow it" in said(connect(manager, application, "deny"))
    assert "is connected" in said(connect(manager, application, "allow"))
    account = Account.objects.get()
    tasks.check_credentials(account.pk)
    account.refresh_from_db()
    assert (account.user_id, account.credentials) == (SELLER, Credentials.GOOD)

    first = account.refresh_token
    for _ in range(2):  # each renewal brings the refresh token of the next
        Account.objects.update(token_due_at=timezone.now())
        tasks.renew_token(account.pk)
    before, account = account, Account.objects.get()
    assert account.refresh_token not in ("", first)
    assert account.access_token != before.access_token
    assert account.token_due_at is not None
    assert account.token_due_at > timezone.now() + timedelta(days=149)

    knob(at_the_simulator, f"sellers/{SELLER}", tokens_revoked=True)
    tasks.check_credentials(account.pk)
    assert Account.objects.get().credentials == Credentials.WRONG_TOKEN
    Account.objects.update(token_due_at=timezone.now())
    tasks.renew_token(account.pk)
    assert Account.objects.get().token_due_at is None

    assert "is connected" in said(connect(manager, application, "allow"))
    tasks.check_credentials(account.pk)
    assert Account.objects.get().credentials == Credentials.GOOD
    assert not Account.objects.with_wrong_credentials(timezone.now())


def test_mercado_pago_is_unreachable_when_the_simulator_fails(account: Account, at_the_simulator: Simulator) -> None:
    knob(at_the_simulator, "chaos", api_502=1)
    try:
        tasks.check_credentials(account.pk)
    finally:
        knob(at_the_simulator, "chaos")
    assert Account.objects.get().credentials == Credentials.UNREACHABLE
