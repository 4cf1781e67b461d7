"""The forecourt board: who may look, at which store, and what is asked for every second."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.test import Client

from pos.models import PointOfSale
from stores.models import Store
from tests.factories import OrderFactory, PosFactory, StoreFactory

NOW = datetime.fromisoformat("2026-11-24T18:00:00Z")


@pytest.fixture
def manager(db: None, store: Store) -> User:
    """Of `store`, with all that the board asks for."""
    user = User.objects.create_user("manager", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_pointofsale", "view_order"]))
    store.managers.add(user)
    return user


@pytest.fixture
def browser(manager: User) -> Client:
    client = Client()
    client.force_login(manager)
    return client


def test_people_see_the_boards_of_their_stores_only(browser: Client, pos) -> None:
    theirs = PosFactory.create(name="Somebody else's")
    for page in ("", "tiles/"):
        assert browser.get(f"/admin/board/{pos.store_id}/{page}").status_code == 200
        assert browser.get(f"/admin/board/{theirs.store_id}/{page}").status_code == 404
    assert "Somebody else" not in browser.get("/admin/board/?choose=1").content.decode()


def test_a_name_is_text_on_the_board(browser: Client, pos) -> None:
    PointOfSale.objects.filter(pk=pos.pk).update(name="<b>Pump</b>")
    page = browser.get(f"/admin/board/{pos.store_id}/").content.decode()
    assert "&lt;b&gt;Pump&lt;/b&gt;" in page
    assert "<b>Pump" not in page


@pytest.mark.parametrize("missing", ["view_pointofsale", "view_order"])
@pytest.mark.parametrize("page", ["", "{}/", "{}/tiles/"])
def test_both_permissions_are_needed(browser: Client, manager, pos, missing: str, page: str) -> None:
    manager.user_permissions.remove(Permission.objects.get(codename=missing))
    assert browser.get(f"/admin/board/{page.format(pos.store_id)}").status_code == 403


@pytest.mark.parametrize("page", ["", "1/", "1/tiles/"])
def test_nobody_looks_without_having_logged_in(db, page: str) -> None:
    answer = Client().get(f"/admin/board/{page}")
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/login/?next=/admin/board/{page}")


def test_it_opens_the_only_store_or_the_one_that_was_looked_at_last(browser: Client, manager, store) -> None:
    assert browser.get("/admin/board/")["Location"] == f"/admin/board/{store.pk}/"
    second = StoreFactory.create(account=store.account, name="Estación Norte")
    second.managers.add(manager)
    listed = browser.get("/admin/board/").content.decode()
    assert str(store) in listed
    assert str(second) in listed
    browser.get(f"/admin/board/{second.pk}/")
    assert browser.get("/admin/board/")["Location"] == f"/admin/board/{second.pk}/"
    assert browser.get("/admin/board/?choose=1").status_code == 200
    found = browser.get("/admin/board/?q=norte").content.decode()
    assert str(second) in found
    assert str(store) not in found
    second.managers.clear()  # what one may not see any more is not remembered
    assert browser.get("/admin/board/")["Location"] == f"/admin/board/{store.pk}/"


def test_who_has_no_store_and_which_store_has_no_points_of_sale_is_told_what_to_do(browser: Client, store) -> None:
    assert "This store has no points of sale yet." in browser.get(f"/admin/board/{store.pk}/").content.decode()
    store.managers.clear()
    assert "There is no store that you may see." in browser.get("/admin/board/").content.decode()


def test_while_nothing_changes_the_answer_is_304_and_empty(browser: Client, pos, pump) -> None:
    url = f"/admin/board/{pos.store_id}/tiles/"
    first = browser.get(url)
    assert [one["state"] for one in first.json()["tiles"]] == ["idle"]
    again = browser.get(url, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    pump.put(f"/api/v1/pos/{pos.external_id}/status", {"status": "in_process", "amount_so_far": "350"}, format="json")
    changed = browser.get(url, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert [(one["state"], one["amount"]) for one in changed.json()["tiles"]] == [("dispensing", "350.00")]


def test_time_alone_does_not_change_the_answer_until_it_changes_a_state(browser: Client, pos) -> None:
    PointOfSale.objects.update(heartbeat=30, status_at=NOW, status_since=NOW)
    url = f"/admin/board/{pos.store_id}/tiles/"
    with time_machine.travel(NOW + timedelta(seconds=1), tick=False):
        first = browser.get(url)
    with time_machine.travel(NOW + timedelta(seconds=30), tick=False):
        assert browser.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304
    with time_machine.travel(NOW + timedelta(seconds=31), tick=False):
        assert browser.get(url, headers={"If-None-Match": first["ETag"]}).json()["tiles"][0]["state"] == "silent"


def test_the_page_shows_all_of_it_without_a_script(browser: Client, pos) -> None:
    with time_machine.travel(NOW, tick=False):
        OrderFactory.create(pos=pos, first_served_at=NOW)
        page, wall = (browser.get(f"/admin/board/{pos.store_id}/{query}").content.decode() for query in ("", "?wall=1"))
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    for words in ("Pump 1", "waiting for payment", "500.00", "A customer sees the amount.", ">0 s<", ">15 min 00 s<"):
        assert words in page
    assert "style=" not in page
    assert "board-page wall" not in page
    assert "board-page wall" in wall


def test_the_front_page_leads_there_whom_it_may(browser: Client, manager, store) -> None:
    assert 'href="/admin/board/"' in browser.get("/admin/").content.decode()
    manager.user_permissions.clear()
    assert 'href="/admin/board/"' not in browser.get("/admin/").content.decode()
